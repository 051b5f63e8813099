"""The errors that a user can meet, one exit code each.

    KubectlDsError
    ├── UsageError      2   wrong flags or arguments
    ├── NotFound        3   no such DaemonSet, namespace, node, context or file
    ├── ClusterError    4   the cluster can't be reached, or refused us
    ├── InputError      5   saved objects that can't be read
    └── OutputError    74   our own output can't be written

Each message is one line: what failed, on what, and what to do next.
"""

# What to do where saved input is missing or of no use.
SAVE = (
    "kubectl get -A -o json > dump.json "
    "ds,controllerrevisions,no,po,ev,quota,limits,ns,sa,pc,runtimeclass,pvc,pv,sc"
)


class KubectlDsError(Exception):
    """Base of all errors that are shown as one line on stderr."""

    exit_code = 1


class UsageError(KubectlDsError):
    """The command line is wrong in a way that click can't see."""

    exit_code = 2


class NotFound(KubectlDsError):
    """Something that the user named does not exist."""

    exit_code = 3


class ClusterError(KubectlDsError):
    """The API server can't be reached, or it refused an essential request."""

    exit_code = 4


class OutputError(KubectlDsError):
    """Our own output can't be written; the code is that of sysexits.h for such errors."""

    exit_code = 74


class InputError(KubectlDsError):
    """A file or stream does not hold readable Kubernetes objects."""

    exit_code = 5
