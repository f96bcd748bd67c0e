# The generator: what is committed is what it writes, twice the same; a contract
# that contradicts itself is refused, naming the operation, and so is a blueprint
# template whose schemas are not closed and bounded, naming step and property.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::DevPilot::Folder;
use Test::DevPilot::Generator qw(tree generate);
use Test::More;

plan skip_all => 'YAML::XS is not installed' unless eval { require YAML::XS; 1 };

my $root = Test::DevPilot::Folder::root();
my @outputs = qw(api/errors.json api/openapi.json docs/api.md docs/errors.md docs/roles.md
    shared/dp_contract_table.c shared/dp_routes_index.h shared/dp_routes_table.c
    worker/dp_operations.h worker/dp_operations_table.c docs/templates.md
    sql/deploy/template_platform_1.sql sql/revert/template_platform_1.sql
    sql/verify/template_platform_1.sql);

my $tree = tree();

is_deeply [generate($tree)], [0, ''], 'the contract is accepted';
is Test::DevPilot::Folder::slurp("$tree/$_"), Test::DevPilot::Folder::slurp("$root/$_"), "$_ is up to date" for @outputs;
is_deeply [generate($tree, '--check')], [0, ''], '--check is content with what was just written';

{
    open my $file, '>>', "$tree/docs/api.md" or die $!;
    print $file "more\n";
    close $file;

    my ($exit, $said) = generate($tree, '--check');
    is $exit, 1, '--check finds a file that is out of date';
    like $said, qr/^-more$/m, 'and shows the difference';
    like Test::DevPilot::Folder::slurp("$tree/docs/api.md"), qr/^more$/m, 'and leaves it';
}

# An operation that goes away: its row has what the headers say.
{
    my $old = tree('api/openapi.yaml', sub {
        $_[0] =~ s/(operationId: getLiveness\n)(.*?x-devpilot:\n)/$1      deprecated: true\n$2        deprecated: '2027-01-31'\n        sunset: '2028-02-29'\n/s;
    });

    is_deeply [generate($old)], [0, ''], 'a deprecated operation is accepted';
    like Test::DevPilot::Folder::slurp("$old/shared/dp_routes_table.c"),
        qr/\[DP_ROUTE_getLiveness\] = \{[^}]*\.deprecation = "\@1801353600",\n\s+\.sunset = "Tue, 29 Feb 2028 00:00:00 GMT",/,
        'Deprecation and Sunset of its row';
}

my @refused = (
    ['a sunset before the deprecation', qr/at: edge\n/,
        "at: edge\n        deprecated: '2027-01-31'\n        sunset: '2027-01-30'\n",
        qr/\w+: what has a sunset must be deprecated before/],
    ['a deprecation that OpenAPI does not say', qr/at: edge\n/, "at: edge\n        deprecated: '2027-01-31'\n",
        qr/\w+: deprecated: true and x-devpilot\.deprecated go together/],
    ['a date that is none', qr/at: edge\n/, "at: edge\n        sunset: soon\n", qr/\w+: soon is no day/],
    ['a precondition that is not declared', qr/at: edge\n/, "at: edge\n        ifMatch: required\n",
        qr/\w+: a required If-Match and .*\n.*\w+: x-devpilot\.ifMatch: required needs a response 428/],
    ['an unknown policy', qr/^(\s+)cost: create_project$/m, "\$1cost: create_project\n\$1speed: high",
        qr/createProject: x-devpilot\.speed is unknown/],
    ['an unknown cost', qr/cost: create_project/, 'cost: gold', qr/createProject: .*cost is unknown/],
    ['an unknown place', qr/at: runtime/, 'at: home', qr/getReadiness: x-devpilot\.at must be/],
    ['a rank of another scope', qr/rank: developer/, 'rank: Owner', qr/listApiKeys: .*rank is none/],
    ['an unknown switch', qr/\[GLOBAL_WRITE\]/, '[LIGHTS]', qr/\w+: there is no kill switch LIGHTS/],
    ['a switch without its response', qr/\[OPS_KILL_SWITCH_GLOBAL_WRITE, /, '[',
        qr/createProject: response 503 does not name OPS_KILL_SWITCH_GLOBAL_WRITE/],
    ['a change that is not audited', qr/^\s+audit: project\.created\n/m, '', qr/createProject: a change needs an audit/],
    ['a scope that is not listed', qr/^\s+- projects:write\n/m, '',
        qr/createProject: x-devpilot-scopes does not list projects:write/],
    ['a scope that is listed twice', qr/- projects:write\n/, "- projects:read\n",
        qr/x-devpilot-scopes: projects:read comes twice/],
    ['a scope without its response', qr/^\s+'403': \{\$ref: '#\/components\/responses\/Forbidden'\}\n/m, '',
        qr/getMe: response 403 does not name AUTH_FORBIDDEN/],
    ['a public operation with a role', qr/role: \{scope: user\}/, 'role: {scope: public}',
        qr/getMe: security: \[\] goes with/],
    ['a body without a limit', qr/^\s+bodyLimit: \d+\n/m, '', qr/\w+: requestBody and .*bodyLimit/],
    ['a key that is not declared', qr/idempotency: required/, 'idempotency: none',
        qr/\w+: Idempotency-Key and .* disagree$/m],
    ['a code of another status', qr/\[RESOURCE_NOT_FOUND\]/, '[AUTH_REQUIRED]',
        qr/getProject: response 404: AUTH_REQUIRED is no error of that status/],
    ['a code that does not exist', qr/\[OPS_NOT_READY\]/, '[OPS_NOT_REDDY]', qr/getReadiness: response 503/],
    ['a parameter that is not declared', qr/\/projects\/\{projectId\}:/, '/projects/{projectId}/{stepId}:',
        qr/getProject: the parameters of the path/],
    ['a reference to nothing', qr/schemas\/ProjectList'/, "schemas/Projects'", qr/schemas\/Projects: points to nothing/],
    ['an operation declared twice', qr/operationId: getProject/, 'operationId: createProject',
        qr/createProject: operationId comes twice/],
    ['a keyword that is not known', qr/minimum: 24$/m, "minimum: 24\n          minimun: 25",
        qr{^api/openapi\.yaml:\d+: components/schemas/ProjectCreate/properties/previewTtlHours: the keyword minimun is not known$}m],
    ['a keyword that judges no request', qr/required: \[name\]/, 'allOf: []',
        qr{components/schemas/ProjectCreate: the keyword allOf is not known}],
    ['a type that is not known', qr/type: \[string, 'null'\]/, "type: [string, 'nil']",
        qr{components/schemas/ProjectList/properties/nextCursor/type: the type nil is not known}],
    ['a format that is not known', qr/(name: projectId.*?)format: uuid/s, '$1format: uid',
        qr{components/parameters/ProjectId/schema/format: the format uid is not known}],
    ['a number that a double changes', qr/maximum: 168\n {10}default/, "maximum: 9007199254740993123\n          default",
        qr{properties/previewTtlHours/maximum: must be a number that a double keeps}],
    ['an object that is open by omission', qr/(ProjectCreate:\n\s+type: object)\n\s+additionalProperties: false/, '$1',
        qr{components/schemas/ProjectCreate: properties without additionalProperties}],
    ['unique items without a bound', qr/(name: cursor.*?)maxLength: 512/s, '$1uniqueItems: true',
        qr{components/parameters/Cursor/schema: uniqueItems needs maxItems}],
    ['something beside a reference', qr/(schema: \{\$ref: '#\/components\/schemas\/ProjectCreate')\}/, '$1, minProperties: 1}',
        qr{requestBody/content/application/json/schema: beside \$ref stands minProperties}],
    ['a header that nobody judges', qr/name: cursor\n\s+in: query/, "name: X-Cursor\n      in: header",
        qr{components/parameters/Cursor: no stage judges the header X-Cursor}],
    ['a parameter of several types', qr/type: integer, minimum: 1, maximum: 100/, 'type: [integer, string]',
        qr{components/parameters/Limit: a parameter needs one type}],
    ['a parameter with two names', qr/^  \/projects\/\{projectId\}:/m,
        "  /projects/{id}/x:\n    get: {operationId: getX}\n\n  /projects/{projectId}:",
        qr/has both \{\w+\} and \{\w+\}/],
);

my @refused_templates = (
    ['steps that are not dense', qr/ordinal: 3$/m, 'ordinal: 4', qr/step requirements: ordinal must be 3/],
    ['a key that comes twice', qr/key: users$/m, 'key: vision', qr/step vision: key comes twice/],
    ['a step without a title', qr/^ +title: Vision\n/m, '', qr/step vision: title is missing/],
    ['a step with more', qr/^( +)title: Vision$/m, "\$1title: Vision\n\$1optional: true",
        qr/step vision: optional is unknown/],
    ['an unknown keyword', qr/maxLength: 7$/m, "maxLength: 7\n                minWords: 2",
        qr{step requirements/functional/items/id: minWords is no keyword of such a schema}],
    ['a keyword of another type', qr/required: \{type: boolean\}/, 'required: {type: boolean, maxLength: 3}',
        qr{step data_model/entities/items/fields/items/required: maxLength is no keyword}],
    ['an open object', qr/additionalProperties: false/, 'additionalProperties: true',
        qr/step vision: additionalProperties is malformed/],
    ['an object that does not say', qr/^ +additionalProperties: false\n/m, '',
        qr/step vision: additionalProperties is missing/],
    ['a string without an end', qr/^ +maxLength: 300\n/m, '', qr{step vision/summary: maxLength is missing}],
    ['an array without an end', qr/^ +maxItems: 20\n/m, '', qr{step vision/goals: maxItems is missing}],
    ['more unique items than can be compared', qr/maxItems: 20\n( +)uniqueItems: true/, "maxItems: 2000\n\$1uniqueItems: true",
        qr{step \w+/properties/.*: uniqueItems needs maxItems of 1024 at most}],
    ['a number without an end', qr/^ +maximum: 1000000000\n/m, '',
        qr{step users/expectedUsers: maximum is missing}],
    ['a length that is none', qr/maxLength: 300$/m, 'maxLength: many', qr{step vision/summary: maxLength is malformed}],
    ['a pattern that is none', qr/pattern: '\^FR-/, "pattern: '^(FR-", qr{functional/items/id: pattern is malformed}],
    ['an unknown format', qr/format: uri/, 'format: url', qr{alerts/items/runbook: format is malformed}],
    ['an unknown type', qr/type: number/, 'type: real', qr{step security_operations/availabilityPercent: type is none}],
    ['a required property that is none', qr/required: \[goal\]/, 'required: [aim]',
        qr{step vision/goals/items: required property aim is not declared}],
    ['a reference to nothing', qr/\$ref: line/, '$ref: lines', qr/step vision: there is no definition lines/],
    ['a version of another file', qr/^version: 1$/m, 'version: 2', qr/name and version: are not those of the file/],
    ['an unknown part', qr/^version: 1$/m, "version: 1\nauthor: me", qr/author: is unknown/],
);

sub refused_ok {
    my ($path, $what, $pattern, $replacement, $fault) = @_;
    my $changed = tree($path, sub {
        my $found = $_[0] =~ $pattern;
        my $first = $1 // '';

        $_[0] =~ s/$pattern/$replacement =~ s{\$1}{$first}gr/e;
        ok $found, "$what: can be made";
    });
    my ($exit, $said) = generate($changed);

    isnt $exit, 0, "$what is refused";
    like $said, $fault, "$what is named";
}

refused_ok('api/openapi.yaml', @$_) for @refused;
refused_ok('templates/platform-1.yaml', @$_) for @refused_templates;

done_testing;
