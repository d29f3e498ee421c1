r"""Every documented limit and default of SageMaker that this package holds an image to, once each.

"API" is the service model of SageMaker, API version 2017-07-24, as botocore 1.44.5 (2026-11-17) has
it. "Guide" is the SageMaker developer guide, pages "Custom image specifications". boto3 and the aws
command line check neither lengths, patterns nor upper bounds: they send what the service then
refuses.

Where two documents contradict each other:

- Image size: 25 GB in the guide until 2023, 35 GB in its current editions. The newer is trusted:
  ``IMAGE_BYTES_MOST``, with ``IMAGE_BYTES_LARGE`` as the mark of caution.
- Ids when none are given: root (0/0) in the guide's prose, 1000/100 in the API. The API is trusted,
  because it is what fills the omitted fields in; who leaves them out is told to state them.
- Ids allowed: 0 to 65535 in the API, two pairs in the guide. The guide is trusted; a mixed pair such
  as 1000/0 is an error.
- Kernels in an AppImageConfig: one in the description of the API's operations, 1 to 5 in its model.
  The model is trusted, it is what the service validates with; their order is the user's preference.
- "``python3`` if no list is given" in the guide, ``KernelSpecs`` required in the API. Both hold: the
  fallback is for a config without a ``KernelGatewayImageConfig``.
- ``FileSystemConfig`` of JupyterLab and Code Editor apps: not supported says the API, yet users
  report apps that start only with it. Giving one is a warning, never an error.
- ``ResourceName`` of resource-metadata.json: the image's name in the guide's KernelGateway sample,
  the app's name elsewhere. The end of the ARN is trusted for the app's name.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextLimit:
    """What a text may be.

    Attributes:
        longest: characters at most.
        shortest: characters at least.
        pattern: regular expression that the whole text matches, or None.
        words: the pattern, said for people.
    """

    longest: int
    shortest: int = 0
    pattern: str | None = None
    words: str = ""

    def broken_by(self, text: str) -> str:
        """What was wanted of a text that breaks this limit; empty when it keeps it."""
        if len(text) < self.shortest:
            return f"a text of at least {self.shortest} character"
        if len(text) > self.longest:
            return f"at most {self.longest} characters"
        if self.pattern is not None and re.fullmatch(self.pattern, text) is None:
            return f"{self.words} ({self.pattern})"
        return ""


_HYPHENATED = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
_HYPHENATED_WORDS = "letters and digits, with hyphens only between them"
_NOT_BLANK = r"(?!\s*$).+"
_NOT_BLANK_WORDS = "one line that is not blank"

# AppImageConfig

APP_IMAGE_CONFIG_NAME = TextLimit(longest=63, pattern=_HYPHENATED, words=_HYPHENATED_WORDS)
"""API, AppImageConfigName; unique in an account."""

APP_IMAGE_CONFIG_ARN = TextLimit(
    longest=256,
    pattern=r"arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:app-image-config/.*",
    words="the ARN of an AppImageConfig",
)
"""API, AppImageConfigArn."""

KERNEL_SPECS_FEWEST = 1
"""API, KernelSpecs."""

KERNEL_SPECS_MOST = 5
"""API, KernelSpecs. The prose of CreateAppImageConfig says one; see above."""

KERNEL_NAME = TextLimit(longest=1024, shortest=1)
"""API, KernelName, case-sensitive. The API lets an empty one pass; no kernel can have that name."""

KERNEL_DISPLAY_NAME = TextLimit(longest=1024)
"""API, KernelDisplayName."""

JUPYTER_KERNEL_NAME = r"(?i:[a-z0-9._\-]+)"
"""Names that Jupyter accepts without a warning (jupyter_client/kernelspec.py, 8.x)."""

MOUNT_PATH = TextLimit(longest=1024, pattern=r"\/.*", words="an absolute path")
"""API, MountPath."""

DEFAULT_MOUNT_PATH = "/home/sagemaker-user"
"""API and guide; JupyterLab and Code Editor apps cannot change it."""

POSIX_ID_MOST = 65535
"""API, DefaultUid and DefaultGid, both from 0."""

DEFAULT_UID = 1000
"""API, DefaultUid. The guide's prose says 0; see above."""

DEFAULT_GID = 100
"""API, DefaultGid. The guide's prose says 0; see above."""

SUPPORTED_IDS = ((1000, 100), (0, 0))
"""Guide: the only pairs of uid and gid that are supported."""

CONTAINER_ARGUMENTS_MOST = 50
"""API, CustomImageContainerArguments."""

CONTAINER_ARGUMENT = TextLimit(longest=64, pattern=_NOT_BLANK, words=_NOT_BLANK_WORDS)
"""API, NonEmptyString64: a long ``--ServerApp…=`` option does not fit."""

CONTAINER_ENTRYPOINTS_MOST = 1
"""API, CustomImageContainerEntrypoint."""

CONTAINER_ENTRYPOINT = TextLimit(longest=256, pattern=_NOT_BLANK, words=_NOT_BLANK_WORDS)
"""API, NonEmptyString256."""

ENVIRONMENT_VARIABLES_MOST = 25
"""API, CustomImageContainerEnvironmentVariables."""

ENVIRONMENT_VARIABLE_NAME = TextLimit(longest=256, pattern=_NOT_BLANK, words=_NOT_BLANK_WORDS)
"""API, NonEmptyString256."""

ENVIRONMENT_VARIABLE_VALUE = TextLimit(longest=256)
"""API, String256."""

# The identity of an app

APP_TYPES = (
    "JupyterServer",
    "KernelGateway",
    "DetailedProfiler",
    "TensorBoard",
    "CodeEditor",
    "JupyterLab",
    "RStudioServerPro",
    "RSessionGateway",
    "Canvas",
)
"""API, AppType."""

APP_TYPE = TextLimit(
    longest=1024, pattern="|".join(APP_TYPES), words="one of the API's types of app"
)
"""API, AppType, which has no length of its own."""

SPACE_APP_TYPES = ("JupyterLab", "CodeEditor")
"""Guide: apps that run in a space, also when only one user has it."""

DOMAIN_ID = TextLimit(
    longest=63,
    pattern=r"d-(-*[a-z0-9]){1,61}",
    words="'d-' and then small letters, digits and hyphens",
)
"""API, DomainId."""

APP_OR_OWNER_NAME = TextLimit(longest=63, pattern=_HYPHENATED, words=_HYPHENATED_WORDS)
"""API, AppName, UserProfileName and SpaceName, which are alike."""

ACCOUNT_ID = TextLimit(longest=12, pattern="[0-9]{12}", words="twelve digits")
"""API, the account in AppArn and every other ARN of SageMaker."""

# The image

IMAGE_BYTES_LARGE = 25_000_000_000
"""Guide until 2023: the limit of an image's size (25 GB)."""

IMAGE_BYTES_MOST = 35_000_000_000
"""Guide, current editions: the limit of an image's size (35 GB). See above."""
