# Requests by curl, for what Mojolicious does not speak: HTTP/2.

package Test::DevPilot::Curl;

use strict;
use warnings;
use Exporter 'import';
use Mojo::Message::Response;

our @EXPORT_OK = qw(curl);

# curl URL, further arguments.  Returns the response; its header X-Version says
# over which version of HTTP it came.
sub curl {
    my ($url, @arguments) = @_;
    my @command = ('curl', '-sS', '-k', '-i', '--path-as-is', '--max-time', 20, @arguments, $url);

    open(my $out, '-|', @command) or die "curl: $!\n";
    binmode $out;

    my $said = do { local $/; <$out> // '' };
    my $response = Mojo::Message::Response->new;

    close($out);
    $said =~ s{\A(?:HTTP/\S+ 100[^\n]*\n\r\n)?HTTP/(\S+) (\d+)}{HTTP/1.1 $2};

    my $version = $1 // 'none';

    $response->content->skip_body(1) if grep { $_ eq '-I' } @arguments;
    $response->parse($said);
    $response->headers->header('X-Version' => $version);

    return $response;
}

1;
