# conf/waf/modsecurity.conf is what docs/abuse.md says it is: Debian's ModSecurity and
# Core Rule Set load it in front of the module, see what they should, and deny it
# only when told to.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot ();
use Test::DevPilot::Folder;
use Test::DevPilot::Nginx;
use Mojo::UserAgent;
use Test::More;

my $root = Test::DevPilot::Folder::root();
my $nginx = Test::DevPilot::Nginx->new;
my $folder = $nginx->{folder};
my $rules = Test::DevPilot::Folder::slurp("$root/conf/waf/modsecurity.conf");
my $agent = Mojo::UserAgent->new;

$rules =~ s{/var/log/nginx}{$folder};

# ModSecurity is C++: a preloaded AddressSanitizer must find who throws exceptions.
my ($thrower) = `/sbin/ldconfig -p` =~ m{libstdc\+\+\.so\.6 .* => (\S+)};

$nginx->preload($thrower);

# With the example's rules; `edit` changes their text.
sub waf {
    my ($edit) = @_;

    Test::DevPilot::Folder::spew("$folder/modsecurity.conf", $edit->($rules));

    return (
        main   => 'load_module /usr/lib/nginx/modules/ngx_http_modsecurity_module.so;',
        http   => "modsecurity on;\nmodsecurity_rules_file $folder/modsecurity.conf;\n"
                . "devpilot_worker ipc://$folder/none.ipc;",
        server => 'devpilot on;',
    );
}

sub answer {
    my ($client) = @_;
    my $path = $client eq 'Mozilla/5.0' ? '/health/live' : '/health';

    return $agent->get($nginx->url . $path, {'User-Agent' => $client, Host => 'api.example'})->result;
}

sub audit_log { -e "$folder/modsecurity.log" ? Test::DevPilot::Folder::slurp("$folder/modsecurity.log") : '' }

my ($browser, $scanner) = ('Mozilla/5.0', 'sqlmap/1.7');

$nginx->start(waf(sub { $_[0] }));
is answer($browser)->code, 200, 'an ordinary request passes';
is answer($scanner)->code, 200, 'a scanner passes the example, too';
ok Test::DevPilot::wait_until(sub { audit_log() =~ /"ruleId":"913/ }), 'and the log names the rule' or diag audit_log();
unlike audit_log(), qr{/health/live}, 'but not the ordinary request';

$nginx->reload(waf(sub { $_[0] =~ s/SecRuleEngine DetectionOnly/SecRuleEngine On/r }));
is answer($browser)->code, 200, 'switched on, an ordinary request passes';

my $denied = answer($scanner);

is $denied->code, 403, 'and a scanner does not';
is $denied->json('/error/code'), 'AUTH_FORBIDDEN', 'the answer wears the envelope';

$nginx->stop;
done_testing;
