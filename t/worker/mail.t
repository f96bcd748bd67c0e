# Mails, from a queued job to a file of the catcher.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Mail;
use Test::More;

my $token = 'dpo_' . 'a' x 43;
my $stack = Test::DevPilot->start(environment => {DEVPILOT_JOB_POLL_INTERVAL => '100ms'});

subtest 'a mail that is queued is sent, once' => sub {
    my $job = queue(template => 'reset_password', to => 'ada@example.com');
    my $mail = Test::DevPilot::Mail::wait_for($stack, 'ada@example.com');

    is Test::DevPilot::Mail::token($mail), $token, 'its token stands on a line of its own';
    like $mail->{body}, qr{https://127\.0\.0\.1:\d+/reset-password#token=$token$}m, 'and in a link to public_url';
    is $mail->{header}{subject}, 'Reset your password', 'it has a subject';
    is $mail->{header}{'message-id'}, "<$job\@localhost>", 'its Message-ID is its job\'s: who gets it twice can tell';
    is $mail->{header}{'content-type'}, 'text/plain; charset=utf-8', 'it is a text';
    like $mail->{path}, qr{/\d{8}T\d{6}Z-\d{6}\.eml\z}, 'one file each, by time';
    ok wait_until(sub { job($job, 'state') eq 'done' }), 'the job is done';
    is scalar(Test::DevPilot::Mail::all($stack)), 1, 'after one mail';
};

subtest 'a mail that its server does not want is given up at once' => sub {
    $stack->expect(worker => qr/mail\.send|refused\.invalid|MAIL/);
    my $job = queue(template => 'account_exists', to => 'ada@refused.invalid');

    ok wait_until(sub { job($job, 'state') eq 'dead' }), 'for 550';
    is job($job, 'attempt, code'), '1|INTEGRATION_MAIL_UNAVAILABLE', 'and says why';
};

subtest 'a mail that its server does not want now is tried again' => sub {
    my $job = queue(template => 'account_exists', to => 'ada@later.invalid');

    ok wait_until(sub { job($job, 'attempt') >= 2 }), 'for 451';
    is job($job, 'code'), 'INTEGRATION_MAIL_UNAVAILABLE', 'and says why';
    $stack->query("update dp.job set payload = replace(payload::text, 'later.invalid', 'example.org')::json where id = '$job'");
    ok Test::DevPilot::Mail::wait_for($stack, 'ada@example.org'), 'until it is sent';
};

subtest 'SEC-06: a sealed payload opens for its own job only' => sub {
    $stack->expect(worker => qr/mail\.send/);

    my $job = queue_payload('{"sealed":"' . 'A' x 120 . '"}');

    ok wait_until(sub { job($job, 'state') eq 'dead' }), 'no other is read';
    is job($job, 'attempt, code, note'), '1|INTERNAL|its payload cannot be read', 'and it says so';
};

subtest 'no value becomes a header' => sub {
    $stack->expect(worker => qr/mail\.send/);

    my $job = queue(template => 'account_exists', to => 'ada@example.net\r\nBcc: eve@example.net');

    ok wait_until(sub { job($job, 'state') eq 'dead' }), 'such an address is none';
    is scalar(grep { $_->{text} =~ /eve|Bcc/ } Test::DevPilot::Mail::all($stack)), 0, 'and no mail goes there';
};

$stack->finish;
done_testing;

# Queues a mail as an operation would, with the token; returns the job's id.
sub queue {
    my (%mail) = @_;

    return queue_payload(qq({"template":"$mail{template}","to":"$mail{to}","values":{"token":"$token"}}));
}

sub queue_payload {
    my ($payload) = @_;

    return $stack->query("select app.job_enqueue('mail.send', 1::smallint, '$payload', 9, 60::smallint, 12,"
                         . ' null, null, null, null)');
}

sub job {
    my ($id, $columns) = @_;

    return $stack->query("select $columns from dp.job where id = '$id'");
}
