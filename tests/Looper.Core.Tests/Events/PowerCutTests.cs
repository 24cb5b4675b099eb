using System.Diagnostics;
using Looper.Core.Events;
using Looper.Core.Events.Sqlite;
using Looper.Core.Numerics;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events;

public sealed class PowerCutTests(ITestOutputHelper output)
{
    // Ten times the promise: a slow neighbour never turns a push red.
    private static readonly TimeSpan s_mayBeLost = TimeSpan.FromSeconds(Sizes.IsLong ? 1 : 10);

    /// <summary>What was acknowledged, and after how many file operations.</summary>
    private sealed record Acknowledged(string Id, int After, bool IsFlushed)
    {
        public long At { get; init; } = Stopwatch.GetTimestamp();
    }

    [Fact]
    public async Task R2_power_cut()
    {
        using var folder = new TemporaryDirectory();
        var (operations, acknowledged) = await RecordAsync(folder.Path, [], 0, 400);
        Cut(operations, acknowledged, Sizes.R2Cuts, from: 0);
    }

    // Killed without losing the system's memory, started again, everything sent again, and then the power goes: what a replay
    // confirmed must be there, though the run that wrote it never flushed it.
    [Fact]
    public async Task R2_power_cut_after_a_kill_and_replays()
    {
        using var first = new TemporaryDirectory();
        var (operations, acknowledged) = await RecordAsync(first.Path, [], 0, 120);
        var random = new Philox(Sizes.Seed, "R2-kill");
        for (var round = 0; round < Sizes.R2Cuts / 15; round++)
        {
            var kill = operations.Length / 4 + random.Below(operations.Length * 3 / 4);
            using var second = new TemporaryDirectory();
            PowerCut.Write(PowerCut.Images(operations.AsSpan(0, kill), random, keepAll: true), second.Path);
            var before = operations[..kill];
            var (more, replayed) = await RecordAsync(second.Path, before, acknowledged.FindIndex(a => a.After > kill) is var n and >= 0 ? n : acknowledged.Count, 30);
            Cut(more, [.. acknowledged.Where(a => a.After <= kill), .. replayed], 15, from: kill, round);
        }
    }

    [Fact]
    public async Task A_commit_is_flushed_when_somebody_waits_for_it_and_not_by_itself()
    {
        using var folder = new TemporaryDirectory();
        using var plan = new FaultPlan(folder.Path) { IsRecording = true };
        await using var open = new OpenJournal(JournalOptions.In(folder.Path) with { FileSystem = FaultFileSystem.Name, FlushWithin = TimeSpan.FromMinutes(1) });
        int Flushes() => plan.Operations().Count(o => o.Call == FileCall.Sync);
        // SQLite flushes the header of a fresh log with its first commit.
        await open.AddAsync(Recorded.Decision("n-first"));
        var (opened, committed) = (Flushes(), open.Journal.Condition.Commits);
        for (var i = 0; i < 50; i++) await open.AddAsync(Recorded.Decision($"n-{i}"));
        Assert.Equal(50, open.Journal.Condition.Commits - committed);
        Assert.Equal(opened, Flushes());
        await open.AddAsync(Recorded.Observation("o-1", "n-1"));
        Assert.Equal(opened + 1, Flushes());
    }

    // Replays the first ones (after a kill), then goes on with new ones.
    private static async Task<(FileOperation[] Operations, List<Acknowledged> Acknowledged)> RecordAsync(string folder, FileOperation[] before, int replays, int count)
    {
        using var plan = new FaultPlan(folder) { IsRecording = true };
        var options = JournalOptions.In(folder) with { FileSystem = FaultFileSystem.Name, CheckpointPages = 60, FoldEvery = TimeSpan.Zero, FlushWithin = TimeSpan.FromMilliseconds(60) };
        await using var open = new OpenJournal(options);
        var acknowledged = new List<Acknowledged>();
        for (var i = 0; i < replays + count; i++)
        {
            var flushed = i % 4 != 0;
            var status = (i % 4) switch
            {
                0 => await open.AddAsync(Recorded.Decision($"n-{i}", unit: $"user-{i}")),
                1 => await open.AddAsync(Recorded.Decision($"f-{i}", unit: $"user-{i}"), durable: true),
                2 => await open.AddAsync(Recorded.Observation($"f-{i}", $"n-{i - 2}")),
                _ => (await open.Journal.AppendAsync([.. Enumerable.Range(0, 5).Select(k => Recorded.Decision($"f-{i}-{k}", unit: $"user-{k}"))], durable: true, default))[0].Status,
            };
            Assert.True(status is AppendStatus.Stored or AppendStatus.Replayed, $"{i}: {status}");
            var id = i % 4 == 0 ? $"n-{i}" : i % 4 == 3 ? $"f-{i}-0" : $"f-{i}";
            acknowledged.Add(new(id, before.Length + plan.Recorded, flushed));
            if (i % 40 == 39) await Task.Delay(80); // a heartbeat
        }
        return ([.. before, .. plan.Operations()], acknowledged);
    }

    private void Cut(FileOperation[] operations, List<Acknowledged> acknowledged, int cuts, int from, int round = 0)
    {
        var random = new Philox(Sizes.Seed, "R2", round);
        var failures = 0;
        var down = from > 0 ? operations[from].At - operations[from - 1].At : 0; // a record does not age while no process could flush it
        acknowledged = acknowledged.ConvertAll(a => a.After <= from ? a with { At = a.At + down } : a);
        for (var cut = 0; cut < cuts; cut++)
        {
            var at = from + 1 + random.Below(operations.Length - from);
            using var folder = new TemporaryDirectory();
            PowerCut.Write(PowerCut.Images(operations.AsSpan(0, at), random), folder.Path);
            if (Check(folder.Path, [.. acknowledged.Where(a => a.After <= at)], operations[at - 1].At) is not { } fault) continue;
            failures++;
            output.WriteLine($"cut after operation {at} of {operations.Length}: {fault}");
        }
        Assert.Equal(0, failures);
        output.WriteLine(FaultLedger.Line("R2", cuts, $"cuts anywhere in {operations.Length} file operations"));
    }

    private static string? Check(string folder, List<Acknowledged> acknowledged, long cutAt)
    {
        if (!File.Exists(Path.Combine(folder, "events.db"))) return acknowledged.Count == 0 ? null : "the database is gone";
        using var connection = EventFile.OpenForWriting(JournalOptions.In(folder));
        using (var check = new Statement(connection, "PRAGMA integrity_check"))
        {
            check.Step();
            if (!check.Bytes(0).SequenceEqual("ok"u8)) return System.Text.Encoding.UTF8.GetString(check.Bytes(0));
            check.Reset();
        }
        var found = new HashSet<string>();
        using var rows = new Statement(connection, "SELECT CAST(id AS TEXT) FROM decisions UNION ALL SELECT CAST(id AS TEXT) FROM observations");
        while (rows.Step()) found.Add(System.Text.Encoding.UTF8.GetString(rows.Bytes(0)));
        string? hole = null;
        foreach (var one in acknowledged)
        {
            if (found.Contains(one.Id))
            {
                if (hole is not null) return $"{one.Id} is there, but {hole} before it is not";
                continue;
            }
            if (one.IsFlushed) return $"{one.Id} was flushed and is lost";
            if (Stopwatch.GetElapsedTime(one.At, cutAt) > s_mayBeLost) return $"{one.Id} is lost though older than a second";
            hole ??= one.Id;
        }
        return null;
    }
}
