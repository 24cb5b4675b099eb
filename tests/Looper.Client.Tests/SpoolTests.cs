using System.Text;
using Looper.Client.Delivery;
using Looper.Testing;
using static Looper.Client.Tests.DeliveryTests;

namespace Looper.Client.Tests;

public sealed class SpoolTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _problems = [];

    private string Path => _directory.File("spool");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task R19_what_a_client_leaves_is_sent_first_and_in_order_by_the_next()
    {
        var nowhere = await FaultyLooper.NowhereAsync();
        var first = Clients.Of(nowhere, spool: Path);
        Observe(first, 0, 2_500);
        Assert.False(await first.CloseAsync(TimeSpan.Zero));
        Assert.Equal(new LooperCounters(2_500, 0, 2_500, new(0, 0, 0, 0, 0)), first.Counters); // on disk, so not lost
        Assert.Equal(3, Files().Length);
        var second = Clients.Of(nowhere, spool: Path);
        Assert.Equal(2_500, second.Counters.Taken);
        Observe(second, 2_500, 1);
        await second.CloseAsync(TimeSpan.Zero);

        await using var looper = new FaultyLooper();
        await using var third = Clients.Of(looper.Url, spool: Path);
        Observe(third, 2_501, 1);
        Assert.True(await third.DeliversAsync());
        Assert.Equal(Enumerable.Range(0, 2_502), looper.Has.Select(h => Value(h.Item)));
        Assert.Equal(new LooperCounters(2_502, 2_502, 0, new(0, 0, 0, 0, 0)), third.Counters);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task R19_each_observation_is_on_disk_when_observe_returns_and_gone_when_it_is_delivered()
    {
        await using var looper = new FaultyLooper { Answers = c => Answer.Items(c, i => Value(i) == 1 ? 422 : Value(i) == 2 ? 503 : 202) };
        await using var client = Clients.Of(looper.Url, spool: Path, flushEvery: TimeSpan.FromHours(1));
        for (var i = 0; i < 3; i++)
        {
            Observe(client, i, 1);
            var lines = File.ReadAllLines(Assert.Single(Files()));
            Assert.Equal(i + 1, lines.Length);
            Assert.Contains($"\"purchase\":{i}", lines[i], StringComparison.Ordinal);
        }
        Assert.False(await client.FlushAsync(TimeSpan.FromMilliseconds(200)));
        Assert.Single(Files()); // one of its lines waits
        looper.Answers = Answer.Healthy;
        Assert.True(await client.DeliversAsync());
        Assert.Empty(Files());
    }

    [Fact]
    public async Task R19_a_line_that_was_cut_short_or_is_damaged_is_left_out_and_said()
    {
        Directory.CreateDirectory(Path);
        File.WriteAllText(System.IO.Path.Combine(Path, "000000000007.jsonl"), """
            {"observationId":"a","decisionId":"d","outcomes":{"purchase":1}}
            {"observationId":"b","decis
            {"observationId":"c","decisionId":"d","outcomes":{"purchase":3}}

            """.ReplaceLineEndings("\n"));
        File.WriteAllText(System.IO.Path.Combine(Path, "000000000008.jsonl"), """{"observationId":"d","decisionId":"d","outcomes":{"purchase":4}}""" + "\n" + """{"observationId":"e","decisionId":"d","outcomes":{"purchase":5}}""");
        File.WriteAllText(System.IO.Path.Combine(Path, "notes.jsonl"), "of someone else");
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url, spool: Path, onProblem: p => _problems.Add(p.Message));
        Observe(client, 6, 1);
        Assert.True(await client.DeliversAsync());
        Assert.Equal([1, 3, 4, 6], looper.Has.Select(h => Value(h.Item)));
        Assert.StartsWith("2 lines in the spool ", Assert.Single(_problems), StringComparison.Ordinal);
        Assert.Equal(["notes.jsonl"], Files().Select(f => System.IO.Path.GetFileName(f)));
    }

    [Fact]
    public async Task A_directory_in_use_is_left_alone_until_it_is_free_and_then_its_rest_is_sent_first()
    {
        var clock = new ManualClock();
        var nowhere = await FaultyLooper.NowhereAsync();
        var first = Clients.Of(nowhere, spool: Path);
        Observe(first, 0, 2);
        await using var looper = new FaultyLooper();
        await using var second = Clients.Of(looper.Url, spool: Path, clock: clock, onProblem: p => _problems.Add(p.Message));
        Assert.StartsWith("Observations are kept in memory only for now", Assert.Single(_problems), StringComparison.Ordinal);
        Observe(second, 2, 1);
        Assert.True(await second.DeliversAsync());
        await first.CloseAsync(TimeSpan.Zero);
        Observe(second, 3, 1);
        Assert.True(await second.DeliversAsync());
        Assert.Equal([2, 3], looper.Has.Select(h => Value(h.Item))); // tried once a minute
        clock.Turn(TimeSpan.FromMinutes(1));
        Observe(second, 4, 1);
        Assert.True(await second.DeliversAsync());
        Assert.Equal([2, 3, 0, 1, 4], looper.Has.Select(h => Value(h.Item)));
        Assert.Single(_problems);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task The_limit_counts_what_is_on_disk_too()
    {
        var nowhere = await FaultyLooper.NowhereAsync();
        var first = Clients.Of(nowhere, spool: Path);
        Observe(first, 0, 2_100);
        await first.CloseAsync(TimeSpan.Zero);
        var second = Clients.Of(nowhere, spool: Path, limit: 300, onProblem: p => _problems.Add(p.Message));
        Assert.Equal(new LooperCounters(2_100, 0, 300, new(0, 1_800, 0, 0, 0)), second.Counters);
        Assert.Equal(2, Files().Length); // the oldest thousand is gone from the disk as well
        Observe(second, 2_100, 50);
        Assert.Equal((300, 1_850), (second.Counters.Waiting, second.Counters.Dropped.Overflow));
        await second.CloseAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_leaves_memory()
    {
        File.WriteAllText(Path, "a file where the directory should be");
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url, spool: Path, onProblem: p => _problems.Add(p.Message));
        Observe(client, 0, 3);
        Assert.True(await client.DeliversAsync());
        Assert.StartsWith("Observations are kept in memory only for now", Assert.Single(_problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_is_gone_leaves_memory_and_is_used_again_when_it_is_back()
    {
        var clock = new ManualClock();
        await using var looper = new FaultyLooper { Answers = _ => Answer.Problem(503, "Retry-After: 3000\r\n") };
        await using var client = Clients.Of(looper.Url, spool: Path, clock: clock, batch: 1_000, onProblem: p => _problems.Add($"{p.Kind}: {p.Message}"));
        Observe(client, 0, 1_000);
        await clock.SomethingWaitsAsync(TimeSpan.FromSeconds(3_000));
        Assert.StartsWith("Delivery: ", Assert.Single(_problems), StringComparison.Ordinal);
        _problems.Clear();
        Directory.Move(Path, _directory.File("away"));
        Observe(client, 1_000, 20); // of a new file
        Assert.StartsWith("Spool: Observations are kept in memory only for now", Assert.Single(_problems), StringComparison.Ordinal);
        Directory.Move(_directory.File("away"), Path);
        clock.Turn(TimeSpan.FromSeconds(59));
        Observe(client, 1_020, 1);
        Assert.Single(Files());
        clock.Turn(TimeSpan.FromSeconds(1));
        Observe(client, 1_021, 2);
        Assert.Equal(2, File.ReadAllLines(Files()[^1]).Length);
        looper.Answers = Answer.Healthy;
        clock.Turn(TimeSpan.FromSeconds(3_000));
        Assert.True(await client.DeliversAsync());
        Assert.Equal(Enumerable.Range(0, 1_023), looper.Has.Select(h => Value(h.Item)));
        Assert.Single(_problems);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task A_directory_that_is_removed_is_made_again_and_what_was_in_it_is_not_said_to_be_there()
    {
        var clock = new ManualClock();
        var nowhere = await FaultyLooper.NowhereAsync();
        var client = Clients.Of(nowhere, spool: Path, clock: clock, onProblem: p => _problems.Add($"{p.Kind}: {p.Message}"));
        Observe(client, 0, 2);
        Directory.Delete(Path, recursive: true);
        Observe(client, 2, 1); // in memory only, and says so
        Assert.Contains(_problems, p => p.StartsWith("Spool: Observations are kept in memory only for now", StringComparison.Ordinal));
        clock.Turn(TimeSpan.FromMinutes(1));
        Observe(client, 3, 1);
        await Eventually.IsTrueAsync(() => Task.FromResult(File.Exists(System.IO.Path.Combine(Path, "in-use"))));
        Observe(client, 4, 1);
        await client.CloseAsync(TimeSpan.Zero);
        var kept = Files().Sum(f => File.ReadAllLines(f).Length);
        Assert.InRange(kept, 1, 2); // the last, and the one before where the directory was there by then
        Assert.Equal(5 - kept, client.Counters.Dropped.Closed);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_keeps_none_of_the_others()
    {
        Directory.CreateDirectory(Path);
        File.WriteAllText(System.IO.Path.Combine(Path, "000000000007.jsonl"), """{"observationId":"a","decisionId":"d","outcomes":{"purchase":1}}""" + "\n");
        File.CreateSymbolicLink(System.IO.Path.Combine(Path, "000000000008.jsonl"), "nowhere");
        await using var looper = new FaultyLooper();
        await using var client = Clients.Of(looper.Url, spool: Path, onProblem: p => _problems.Add(p.Message));
        Observe(client, 2, 1);
        Assert.True(await client.DeliversAsync());
        Assert.Equal([1, 2], looper.Has.Select(h => Value(h.Item)));
        Assert.Contains("000000000008.jsonl cannot be read", Assert.Single(_problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_left_in_a_directory_in_use_is_sent_even_where_nothing_more_is_observed()
    {
        var clock = new ManualClock();
        var first = Clients.Of(await FaultyLooper.NowhereAsync(), spool: Path);
        Observe(first, 0, 2);
        await using var looper = new FaultyLooper();
        await using var second = Clients.Of(looper.Url, spool: Path, clock: clock);
        await clock.SomethingWaitsAsync(TimeSpan.FromMinutes(1));
        await first.CloseAsync(TimeSpan.Zero);
        clock.Turn(TimeSpan.FromMinutes(1));
        await clock.SomethingWaitsAsync(TimeSpan.FromMilliseconds(10)); // for company
        clock.Turn(TimeSpan.FromMilliseconds(10));
        await BatchesAsync(looper, 1);
        Assert.Equal([0, 1], looper.Has.Select(h => Value(h.Item)));
    }

    [Fact]
    public void A_spool_that_was_never_taken_writes_nothing()
    {
        using var spool = new Spool(Freight.Observations, Path, TimeProvider.System);
        Assert.Null(spool.Write(Encoding.UTF8.GetBytes("{}"), out var problem));
        Assert.Null(problem);
        Assert.False(Directory.Exists(Path));
    }

    private string[] Files() => [.. Directory.EnumerateFiles(Path, "*.jsonl").Order(StringComparer.Ordinal)];
}
