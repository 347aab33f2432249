//! Values in scripts of other languages.

use super::{Row, row};

pub(super) const ROWS: [Row; 6] = [
    row(
        "value-in-source",
        "python3",
        "#!/usr/bin/env python3\nprint(\"{{ .Task }}\")",
        "\"); import os; os.system(\"@\"); print(\"",
        "read it from the environment: `os.environ[\"HOOK_TASK\"]`",
        "#!/usr/bin/env python3\nimport os\nprint(os.environ[\"HOOK_TASK\"])",
    ),
    row(
        "value-in-source",
        "python3",
        "#!/usr/bin/env python3\nprint(\"{{ .SnapshotStats.Message }}\")",
        "\"); import os; os.system(\"@\"); print(\"",
        "write it with no quotes around it as `{{ .JsonMarshal .SnapshotStats.Message }}`",
        "#!/usr/bin/env python3\nprint({{ .JsonMarshal .SnapshotStats.Message }})",
    ),
    row(
        "value-in-source",
        "node",
        "#!/usr/bin/env node\nconsole.log('{{ .Task }}')",
        "'); require('child_process').execSync('@'); ('",
        "read it from the environment: `process.env.HOOK_TASK`",
        "#!/usr/bin/env node\nconsole.log(process.env.HOOK_TASK)",
    ),
    row(
        "value-in-source",
        "node",
        "#!/usr/bin/env node\nconsole.log('{{ .SnapshotStats.Message }}')",
        "'); require('child_process').execSync('@'); ('",
        "write it with no quotes around it as `{{ .JsonMarshal .SnapshotStats.Message }}`",
        "#!/usr/bin/env node\nconsole.log({{ .JsonMarshal .SnapshotStats.Message }})",
    ),
    row(
        "value-in-source",
        "perl",
        "#!/usr/bin/env perl\nprint '{{ .Task }}';",
        "'; system('@'); '",
        "read it from the environment: `$ENV{HOOK_TASK}`",
        "#!/usr/bin/env perl\nprint $ENV{HOOK_TASK};",
    ),
    row(
        "value-in-source",
        "perl",
        "#!/usr/bin/env perl\nprint '{{ .SnapshotStats.Message }}';",
        "'; system('@'); '",
        "write it as a part of a URL, which has no quotes: `(my $value = '{{ .UrlEscape \
         .SnapshotStats.Message }}') =~ s/%(..)/chr hex $1/ge;`",
        "#!/usr/bin/env perl\n(my $value = '{{ .UrlEscape .SnapshotStats.Message }}') =~ \
         s/%(..)/chr hex $1/ge;\nprint $value;",
    ),
];
