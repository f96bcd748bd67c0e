# Every link of the documents leads to a file that is there and a heading that it has.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot::Folder;
use Test::DevPilot::Links qw(broken);
use Test::More;

my $root = Test::DevPilot::Folder::root();

is join("\n", map { broken("$root/$_") } qw(docs sql)), '', 'the documents';
is join("\n", Test::DevPilot::Links::broken_in("$root/README.md")), '', 'README.md';

done_testing;
