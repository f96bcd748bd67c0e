# W3C Trace Context: the client's trace goes on, or a new one begins; what other
# tracing systems say is passed on, or dropped.  The trust boundary.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use Test::DevPilot::Nginx;
use Test::More;

my $nginx = Test::DevPilot::Nginx->new;
my $trace = '0af7651916cd43dd8448eb211c80319c';
my $span = 'b7ad6b7169203331';
my $parent = "traceparent: 00-$trace-$span-01";

# Answers with what it would send on.
my $server = 'location / { return 200 "$devpilot_traceparent $devpilot_tracestate"; }';

# What is sent on for lines of headers, as they are: the parts of traceparent, and
# tracestate.
sub sent_on {
    my (@lines) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $nginx->{port}) or die "connect: $!\n";

    print $socket join("\r\n", 'GET / HTTP/1.0', 'Host: a', @lines, '', '');

    my $answer = do { local $/; <$socket> };
    my ($version, $id, $own, $flags, $state) = $answer =~ /\r\n\r\n(..)-([0-9a-f]{32})-([0-9a-f]{16})-(..) (.*)\z/s
        or die "not a traceparent: $answer\n";

    return {version => $version, id => $id, span => $own, flags => $flags, state => $state};
}

$nginx->start(http => 'devpilot_trace_trust all;', server => $server);

subtest 'OBS-16 a trace goes on' => sub {
    for my $row (['00', ''], ['01', ''], ['cc', '-what-comes-later']) {
        my ($version, $more) = @$row;
        my $sent = sent_on("traceparent: $version-$trace-$span-01$more");

        is "$sent->{version} $sent->{id} $sent->{flags}", "00 $trace 01", "of version $version";
        isnt $sent->{span}, $span, 'with a span of ours';
    }

    is sent_on("TraceParent: 00-$trace-$span-00")->{flags}, '00', 'its flags stay, its name has no case';
    is sent_on("traceparent: 00-$trace-$span-02")->{flags}, '02', 'and a trace id made at random stays one';
    is sent_on("traceparent: 00-$trace-$span-fd")->{flags}, '01', 'flags that nobody knows do not';
    is sent_on("traceparent:$_")->{id}, $trace, 'blanks around it are not of it'
        for map { "$_->[0]00-$trace-$span-01$_->[1]" } ['', ''], ["\t", ''], ["  \t ", ''], ['', "\t"], ['', " \t "];
};

subtest 'OBS-16 or a new one begins' => sub {
    my %seen;

    for my $lines ([], ['traceparent:'], ["traceparent: ff-$trace-$span-01"], ["traceparent: 00-$trace-$span-01-more"],
                   ["traceparent: 00-${\uc $trace}-$span-01"], ["traceparent: 00-${\('0' x 32)}-$span-01"],
                   ["traceparent: 00-$trace-${\('0' x 16)}-01"], ["traceparent: cc-$trace-$span-01.more"],
                   [$parent, $parent], ["trace-parent: 00-$trace-$span-01"], ["traceparent: 00-$trace-$span-01, "])
    {
        my $sent = sent_on(@$lines, 'tracestate: foo=1');

        is $sent->{version}, '00', 'for ' . (join(', ', @$lines) || 'none');
        is $sent->{state}, '', 'and tracestate is dropped';
        $seen{$sent->{id}}++;
    }

    is scalar keys %seen, 11, 'each is another';
    ok !$seen{$trace} && !$seen{'0' x 32}, 'and none that was sent';
};

# name => [lines, what is sent on]
my %states = (
    'as it came'                        => [['foo=1,bar=2'], 'foo=1,bar=2'],
    'several headers in their order'    => [['foo=1,bar=2', 'rojo=1', '', 'congo=2'], 'foo=1,bar=2,rojo=1,congo=2'],
    'blanks and empty members'          => [["\tfoo=1 \t , \t bar=2,,", ' '], 'foo=1,bar=2'],
    'a repeated key'                    => [['foo=2', 'foo=1,bar=3'], 'foo=2,bar=3'],
    '32 members'                        => [[map {"k$_=$_"} 1 .. 32], join(',', map {"k$_=$_"} 1 .. 32)],
    '33 members'                        => [[map {"k$_=$_"} 1 .. 33], ''],
    'a wrong member in another header'  => [['foo=1', 'FOO=1'], ''],
    'nothing'                           => [[''], ''],
);

subtest 'OBS-16 tracestate is passed on with a trace that goes on' => sub {
    for my $name (sort keys %states) {
        my ($values, $list) = @{$states{$name}};
        my $sent = sent_on($parent, map {"tracestate: $_"} @$values);

        is $sent->{state}, $list, $name;
        is $sent->{id}, $trace, 'the trace goes on';
    }

    is sent_on($parent, 'TRACESTATE: foo=1')->{state}, 'foo=1', 'its name has no case';
    is sent_on($parent, 'trace-state: foo=1')->{state}, '', 'but is spelled so';
};

subtest 'OBS-16 an upstream is sent no empty tracestate' => sub {
    my $port = Test::DevPilot::free_port();
    my $server = <<"END";
location / { proxy_pass http://127.0.0.1:$port; proxy_set_header traceparent \$devpilot_traceparent;
             proxy_set_header tracestate \$devpilot_tracestate; }
END
    my $upstream = <<"END";
devpilot_trace_trust all;
server { listen 127.0.0.1:$port; location / { return 200 "\$http_traceparent <\$http_tracestate>"; } }
server { listen 127.0.0.1:$nginx->{port}; $server }
END

    ok $nginx->reload(http => $upstream), 'with an upstream';
    is sent_on($parent, 'tracestate: foo=1')->{state}, '<foo=1>', 'one';
    is sent_on($parent, 'tracestate: foo')->{state}, '<>', 'none';
};

sub trusts_ok {
    my ($trust, $goes_on, $name) = @_;

    ok $nginx->reload(http => "devpilot_trace_trust $trust;", server => $server), $trust;

    my $sent = sent_on($parent, 'tracestate: foo=1');

    is $sent->{id} eq $trace, $goes_on, $name;
    is $sent->{state}, $goes_on ? 'foo=1' : '', 'and its tracestate';
    is $sent->{flags}, $goes_on ? '01' : '00', 'and its flags';
}

subtest 'OBS-16 the trust boundary' => sub {
    trusts_ok('none', '', 'nobody');
    trusts_ok('192.0.2.0/24 2001:db8::/32', '', 'others');
    trusts_ok('192.0.2.0/24 127.0.0.0/8', 1, 'this client');
    trusts_ok('all', 1, 'everybody');

    ok $nginx->reload(http => 'devpilot_trace_trust none;', server => "devpilot_trace_trust all; $server"), 'a server';
    is sent_on($parent)->{id}, $trace, 'knows better than http';
};

is $nginx->stop, 0, 'nginx ends well';
done_testing;
