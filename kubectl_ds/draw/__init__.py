"""Drawing: verdicts and sentences in, the text of a screen or a document out."""
