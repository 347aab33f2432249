//! Remedies for programs that are rarely installed: by their shape alone.

use super::super::warnings;

#[test]
fn remedies_of_programs_that_are_rarely_installed() {
    for (script, remedy, mended) in [
        (
            "ruby -e \"puts '$HOOK_TASK'\"",
            "`ruby -e '… ENV[\"HOOK_TASK\"] …'`",
            "ruby -e 'puts ENV[\"HOOK_TASK\"]'",
        ),
        (
            "docker exec -i db ruby -e \"puts '$HOOK_TASK'\"",
            "`ruby -e '… ARGV[0] …' -- \"$HOOK_TASK\"`",
            "docker exec -i db ruby -e 'puts ARGV[0]' -- \"$HOOK_TASK\"",
        ),
        (
            "php -r \"echo '$HOOK_TASK';\"",
            "`php -r '… getenv(\"HOOK_TASK\") …'`",
            "php -r 'echo getenv(\"HOOK_TASK\");'",
        ),
        (
            "docker exec web php -r \"echo '$HOOK_TASK';\"",
            "`php -r '… $argv[1] …' -- \"$HOOK_TASK\"`",
            "docker exec web php -r 'echo $argv[1];' -- \"$HOOK_TASK\"",
        ),
        (
            "pwsh -Command \"Write-Host '$HOOK_TASK'\"",
            "`pwsh -Command '… $env:HOOK_TASK …'`",
            "pwsh -Command 'Write-Host $env:HOOK_TASK'",
        ),
        (
            "#!/usr/bin/ruby\nputs \"{{ .Task }}\"",
            "read it from the environment: `ENV[\"HOOK_TASK\"]`",
            "#!/usr/bin/ruby\nputs ENV[\"HOOK_TASK\"]",
        ),
        (
            "#!/usr/bin/ruby\nputs \"{{ .Summary }}\"",
            "`require 'cgi'; value = CGI.unescape('{{ .UrlEscape .Summary }}')`",
            "#!/usr/bin/ruby\nrequire 'cgi'; value = CGI.unescape('{{ .UrlEscape .Summary }}')",
        ),
        (
            "#!/usr/bin/php\n<?php echo \"{{ .Task }}\";",
            "read it from the environment: `getenv('HOOK_TASK')`",
            "#!/usr/bin/php\n<?php echo getenv('HOOK_TASK');",
        ),
        (
            "#!/usr/bin/php\n<?php echo \"{{ .Summary }}\";",
            "`$value = rawurldecode('{{ .UrlEscape .Summary }}');`",
            "#!/usr/bin/php\n<?php $value = rawurldecode('{{ .UrlEscape .Summary }}');",
        ),
        (
            "#!/usr/bin/pwsh\nWrite-Host \"{{ .Task }}\"",
            "read it from the environment: `$env:HOOK_TASK`",
            "#!/usr/bin/pwsh\nWrite-Host $env:HOOK_TASK",
        ),
        (
            "#!/usr/bin/pwsh\nWrite-Host \"{{ .Summary }}\"",
            "write it with no quotes around it as `{{ .PowerShellEscape .Summary }}`",
            "#!/usr/bin/pwsh\nWrite-Host {{ .PowerShellEscape .Summary }}",
        ),
        (
            "#!/usr/bin/osascript\ndisplay notification \"{{ .Task }}\"",
            "read it from the environment: `system attribute \"HOOK_TASK\"`",
            "#!/usr/bin/osascript\ndisplay notification (system attribute \"HOOK_TASK\")",
        ),
        (
            "#!/usr/bin/osascript\ndisplay notification \"{{ .Summary }}\"",
            "write it with no quotes around it as `{{ .AppleScriptEscape .Summary }}`",
            "#!/usr/bin/osascript\ndisplay notification {{ .AppleScriptEscape .Summary }}",
        ),
        (
            "docker exec db sh -c \"psql -c 'SELECT {{ .Task }}'\"",
            "`sh -c '… \"$1\" …' sh \"$HOOK_TASK\"`",
            "docker exec db sh -c 'echo \"$1\"' sh \"$HOOK_TASK\"",
        ),
    ] {
        let found = warnings(script);
        let is_told = found
            .iter()
            .any(|w| w.remedy.as_ref().is_some_and(|r| r.contains(remedy)));
        assert!(is_told, "{script}\n{found:#?}");
        let left = warnings(mended);
        assert!(left.is_empty(), "{mended}\n{left:#?}");
    }
}
