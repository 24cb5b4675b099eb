using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Events.Shipping;
using Looper.Core.Numerics;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events;

/// <summary>What is read to be shipped: every row once, in order, and no observation before its decision.</summary>
public sealed class JournalScanTests : IDisposable
{
    private const int Decisions = 7_000, Observations = 9_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60); // it takes less than one

    private readonly TemporaryDirectory _folder = new();
    private readonly Philox _random = new(20260301, "scan");

    public void Dispose() => _folder.Dispose();

    [Theory, InlineData(2_500), InlineData(6_000), InlineData(40_000)]
    public async Task Observations_go_with_decisions_and_never_before_the_one_they_name(int rows)
    {
        await using var open = new OpenJournal(_folder.Path);
        await FillAsync(open);
        var end = new ShippedTo(Decisions, Observations);
        using (var reach = new JournalScan(JournalOptions.In(_folder.Path), open.Corrupt)) await Eventually.IsTrueAsync(() => Task.FromResult(reach.Reach() == end));
        await ScanAsync(open, scan =>
        {
            var (decided, observed, batch, mixed) = (new List<string>(), new List<string>(), new EventBatch(), 0);
            var here = new HashSet<string>();
            for (var at = default(ShippedTo); at != end;)
            {
                at = scan.Read(at, end, rows, batch);
                Assert.InRange(batch.Rows, 1, rows);
                Assert.True(batch.Rows == rows || at == end);
                foreach (var row in batch.Decisions) decided.Add(Text(row.Id));
                here.UnionWith(decided);
                foreach (var row in batch.Observations)
                {
                    if (Text(row.Decision) is { Length: > 0 } name && !name.StartsWith("never", StringComparison.Ordinal)) Assert.Contains(name, here);
                    observed.Add(Text(row.Id));
                }
                if (batch.Decisions.Count > 0 && batch.Observations.Count > 0) mixed++;
                Assert.Equal(new ShippedTo(decided.Count, observed.Count), at);
            }
            Assert.Equal(Enumerable.Range(0, Decisions).Select(IdOf), decided);
            Assert.Equal(Enumerable.Range(0, Observations).Select(i => $"o-{i}"), observed);
            Assert.InRange(mixed, 1, Decisions / 1_000);
            Assert.True(rows > 2_500 || mixed > 2, $"only {mixed} batches had both");
        });
    }

    [Fact]
    public async Task An_observation_that_came_before_its_decision_waits_for_none_that_is_not_counted_yet()
    {
        await using var open = new OpenJournal(_folder.Path);
        await open.AddAsync(Recorded.Observation("o-1", IdOf(1)));
        await open.AddAsync(Recorded.Decision(IdOf(0)));
        await open.AddAsync(Recorded.Decision(IdOf(1)));
        await ScanAsync(open, scan =>
        {
            var batch = new EventBatch();
            Assert.Equal(new(1, 1), scan.Read(default, new(1, 1), 100, batch));
            Assert.Equal((1, 1), (batch.Decisions.Count, batch.Observations.Count));
        });
    }

    [Fact] // 40,000 of the longest rankings would be gigabytes, and the next start would read the same again
    public async Task A_batch_ends_where_its_rows_take_as_many_bytes_as_it_may_have()
    {
        const int rows = 600;
        var ranking = Recorded.Ranking(1, [.. Enumerable.Range(0, 500).Select(i => $"{i:d120}")]);
        await using var open = new OpenJournal(_folder.Path);
        foreach (var some in Enumerable.Range(0, rows).Chunk(50)) await open.Journal.AppendAsync([.. some.Select(i => Recorded.Decision(IdOf(i)) with { Candidates = ranking })], durable: false, default);
        await open.AddAsync(Recorded.Observation("o-1", IdOf(rows - 1)));
        await ScanAsync(open, scan =>
        {
            var (end, batch, read, batches) = (new ShippedTo(rows, 1), new EventBatch(), 0, 0);
            for (var at = default(ShippedTo); at != end; batches++)
            {
                at = scan.Read(at, end, 40_000, batch);
                Assert.InRange(batch.Rows, 1, rows);
                Assert.InRange(batch.Decisions.Sum(d => (long)d.Payload.Length), 1, JournalScan.MostBytes + 100_000);
                Assert.Equal(Enumerable.Range(read, batch.Decisions.Count).Select(IdOf), batch.Decisions.Select(d => Text(d.Id)));
                read += batch.Decisions.Count;
            }
            Assert.Equal((rows, 2, 1), (read, batches, batch.Observations.Count));
        });
    }

    // Reading waits for nothing but its own progress. One that makes none goes on by itself, so its connection is closed by nobody else.
    private async Task ScanAsync(OpenJournal open, Action<JournalScan> check)
    {
        var work = Task.Run(() =>
        {
            using var scan = new JournalScan(JournalOptions.In(_folder.Path), open.Corrupt);
            check(scan);
        });
        if (await Task.WhenAny(work, Task.Delay(s_patience)) != work) Assert.Fail($"The scan does not come to an end: it was still reading after {s_patience.TotalSeconds} s.");
        await work;
    }

    // One in five decisions has an id of its caller's; observations lag behind by up to 3,000 decisions, or name a unit, or one that never came.
    private async Task FillAsync(OpenJournal open)
    {
        foreach (var some in Enumerable.Range(0, Decisions).Chunk(500)) await open.Journal.AppendAsync([.. some.Select(i => Recorded.Decision(IdOf(i)))], durable: false, default);
        foreach (var some in Enumerable.Range(0, Observations).Chunk(500))
        {
            await open.Journal.AppendAsync([.. some.Select(i => (ObservationRecord[])[(i % 11) switch
            {
                0 => Recorded.Observation($"o-{i}", unit: "user-1"),
                1 => Recorded.Observation($"o-{i}", $"never-{i}"),
                _ => Recorded.Observation($"o-{i}", IdOf(Math.Max(0, ((i + 1) * Decisions / Observations) - 1 - _random.Below(3_000)))),
            }])], default);
        }
    }

    private static string IdOf(int number) => number % 5 == 0 ? $"d-{number}" : new Guid(number, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 1).ToString();

    private static string Text(ReadOnlyMemory<byte> tagged) => EventKey.OfTagged(tagged.Span).ToString();
}
