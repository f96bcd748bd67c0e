# The mails that a stack has caught, in the order of their coming.
#
#     my $mail = Test::DevPilot::Mail::wait_for($stack, 'ada@example.com');
#     my ($token) = $mail->{body} =~ /^ +(dpo_\S+)$/m;

package Test::DevPilot::Mail;

use strict;
use warnings;
use Encode ();
use MIME::QuotedPrint ();
use Test::DevPilot ();
use Test::DevPilot::Folder;

# All to an address, or all: {path, text, header => {lower-case name => value}, body},
# the values of headers and the body decoded.
sub all {
    my ($stack, $to) = @_;
    my $folder = $stack->variable('DEVPILOT_MAIL_DIR');
    my @mails = map { read_mail($_) } sort glob("\"$folder\"/*.eml");

    return grep { !defined $to || $_->{header}{to} eq "<$to>" } @mails;
}

sub read_mail {
    my ($path) = @_;
    my $text = Test::DevPilot::Folder::slurp($path);
    my ($head, $body) = split(/\n\n/, $text, 2);
    my %header = map { /\A([\w-]+): (.*)\z/s ? (lc $1 => Encode::decode('MIME-Header', $2)) : () }
        split(/\n(?! )/, $head);

    $body = MIME::QuotedPrint::decode($body)
        if ($header{'content-transfer-encoding'} // '') eq 'quoted-printable';

    return {path => $path, text => $text, header => \%header, body => Encode::decode('UTF-8', $body)};
}

# The newest one to an address of which there are more than `before` (0).
sub wait_for {
    my ($stack, $to, $before) = @_;
    my @mails;

    Test::DevPilot::wait_until(sub { (@mails = all($stack, $to)) > ($before // 0) })
        or die "no mail to $to\n";

    return $mails[-1];
}

# The one-time token of a mail.
sub token {
    my ($mail) = @_;

    return ($mail->{body} =~ /^ +(dpo_[\w-]{43})$/m)[0];
}

1;
