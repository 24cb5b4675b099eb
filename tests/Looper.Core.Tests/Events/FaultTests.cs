using Looper.Core.Events;
using Looper.Core.Events.Sqlite;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Tests.Events;

public sealed class FaultTests
{
    // Ends at the first position that the scenario does not reach: every file operation of it has then failed once.
    [Theory]
    [InlineData(778, false)] // SQLITE_IOERR_WRITE, once
    [InlineData(13, true)] // SQLITE_FULL, from then on
    public async Task R3_every_file_operation_may_fail_and_nothing_acknowledged_is_lost(int writeCode, bool failsOn)
    {
        var failedFlushes = 0;
        for (var at = 1; ; at++)
        {
            using var folder = new TemporaryDirectory();
            FileCall? failed;
            List<string> stored;
            using (var plan = new FaultPlan(folder.Path) { FailAt = at, FailsOn = failsOn, WriteCode = writeCode })
            {
                stored = await ShortRunAsync(folder.Path);
                failed = plan.Failed;
            }
            if (failed == FileCall.Sync) failedFlushes++;
            await AssertStoredOnceAsync(folder.Path, stored, $"call {at}, a {failed}");
            if (failed is null)
            {
                Assert.True(at > 40, $"the scenario has only {at - 1} file operations");
                Assert.Equal(30, stored.Count);
                Assert.True(failedFlushes > 5);
                return;
            }
        }
    }

    [Fact]
    public async Task R3_a_failed_flush_is_final()
    {
        using var folder = new TemporaryDirectory();
        using var plan = new FaultPlan(folder.Path) { FailAt = await CallsUntilAsync(FileCall.Sync) };
        await using var open = new OpenJournal(Options(folder.Path));
        Assert.Equal(AppendStatus.Unavailable, await open.AddAsync(Recorded.Observation("o-1", "d-1")));
        await open.Journal.FlushFailed.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(JournalState.Failed, open.Journal.Condition.State);
        Assert.Equal(AppendStatus.Unavailable, await open.AddAsync(Recorded.Decision("d-1")));
    }

    [Fact]
    public async Task R4_a_full_disk_refuses_keeps_all_and_is_resumed_without_a_restart()
    {
        using var folder = new TemporaryDirectory();
        using var plan = new FaultPlan(folder.Path) { DiskBytes = 400_000 };
        await using var open = new OpenJournal(Options(folder.Path));
        var stored = new List<string>();
        var status = AppendStatus.Stored;
        for (var i = 0; status == AppendStatus.Stored; i++)
        {
            status = await open.AddAsync(Recorded.Observation($"o-{i}", $"d-{i}"));
            if (status == AppendStatus.Stored) stored.Add($"o-{i}");
        }
        Assert.Equal(AppendStatus.Unavailable, status);
        Assert.Equal(JournalState.CannotWrite, open.Journal.Condition.State);
        Assert.Equal(stored.Count, (await ReadAllAsync(open)).Count); // reading goes on
        plan.DiskBytes = long.MaxValue;
        await Eventually.IsTrueAsync(() => Task.FromResult(open.Journal.Condition.State == JournalState.Writing), TimeSpan.FromSeconds(10));
        Assert.Equal(AppendStatus.Stored, await open.AddAsync(Recorded.Observation("after", "d-1")));
        Assert.Equal([.. stored, "after"], await ReadAllAsync(open));
    }

    // The fold goes on beside the writer: it fails while the disk is full, and the writer hears of it when the disk has room again.
    [Fact]
    public async Task R4_a_fold_that_failed_while_the_disk_was_full_stops_nothing_once_it_is_not()
    {
        using var folder = new TemporaryDirectory();
        using var plan = new FaultPlan(folder.Path);
        using var gate = new ManualResetEventSlim();
        var clock = new CountingClock();
        await using var open = new OpenJournal(Options(folder.Path) with { RetryAfter = TimeSpan.FromHours(1), CheckpointPages = 400 }, clock);
        plan.DatabaseGate = gate;
        for (var i = 0; i < 200; i++) Assert.Equal(AppendStatus.Stored, await open.AddAsync(Recorded.Observation($"o-{i}", $"d-{i}")));
        plan.DiskBytes = 0;
        for (var i = 0; await open.AddAsync(Recorded.Observation($"p-{i}", $"d-{i}")) == AppendStatus.Stored; i++) { }
        gate.Set();
        await Eventually.IsTrueAsync(() => Task.FromResult(plan.RefusedFolds > 0));
        plan.DiskBytes = long.MaxValue;
        clock.Turn(TimeSpan.FromHours(2));
        for (var i = 0; i < 100; i++) Assert.Equal(AppendStatus.Stored, await open.AddAsync(Recorded.Observation($"q-{i}", $"d-{i}")));
        Assert.Equal(JournalState.Writing, open.Journal.Condition.State);
    }

    // The thread asks for the time whenever it goes round.
    [Fact]
    public async Task R4_while_the_disk_is_full_the_thread_does_not_go_round_for_work_that_has_to_wait()
    {
        using var folder = new TemporaryDirectory();
        using var plan = new FaultPlan(folder.Path) { DiskBytes = 400_000 };
        var clock = new CountingClock();
        await using var open = new OpenJournal(Options(folder.Path) with { RetryAfter = TimeSpan.FromHours(1) }, clock);
        for (var i = 0; await open.AddAsync(Recorded.Observation($"o-{i}", $"d-{i}")) == AppendStatus.Stored; i++) { }
        var removal = open.RemoveAsync(RemovalOrder.OfPoint(Recorded.Banner));
        var before = clock.Asked;
        await Task.Delay(200); // it would go round tens of thousands of times
        Assert.InRange(clock.Asked - before, 0, 50);
        plan.DiskBytes = long.MaxValue;
        clock.Turn(TimeSpan.FromHours(2));
        await open.AddAsync(Recorded.Decision("d-1"));
        await removal;
    }

    [Fact]
    public async Task A_bad_record_is_counted_skipped_and_its_id_is_free_again()
    {
        using var folder = new TemporaryDirectory();
        await using (var open = new OpenJournal(folder.Path))
        {
            for (var i = 0; i < 5; i++) await open.AddAsync(Recorded.Decision($"d-{i}", unit: $"user-{i}"));
        }
        using (var connection = new SqliteConnection($"Data Source={folder.File("events.db")};Pooling=False"))
        {
            connection.Open();
            EventFile.Execute(connection, "UPDATE decisions SET time = time + 1 WHERE id = 'd-2'");
        }
        await using var again = new OpenJournal(folder.Path);
        var listed = await again.Reader.DecisionsAsync(new(Recorded.Banner), null, 10, default);
        Assert.Equal(["d-4", "d-3", "d-1", "d-0"], listed.Items.Select(d => d.Id));
        Assert.Equal(4, (await again.Examples.ReadAsync(new(Recorded.Banner, []), default).ToListAsync()).Count);
        Assert.Equal(2, again.Journal.Condition.CorruptRecords);
        Assert.Null(await again.Reader.FindDecisionAsync("d-2", default));
        Assert.Equal(AppendStatus.Stored, await again.AddAsync(Recorded.Decision("d-2", unit: "user-2")));
        Assert.NotNull(await again.Reader.FindDecisionAsync("d-2", default));
    }

    private static JournalOptions Options(string folder) => JournalOptions.In(folder) with
    {
        FileSystem = FaultFileSystem.Name, CheckpointPages = 20, FoldEvery = TimeSpan.Zero, RetryAfter = TimeSpan.FromMilliseconds(10), FlushWithin = TimeSpan.FromSeconds(5),
    };

    // Thirty appends, some flushed, with checkpoints; stops at a failed open or flush as the server would.
    private static async Task<List<string>> ShortRunAsync(string folder)
    {
        var stored = new List<string>();
        try
        {
            await using var open = new OpenJournal(Options(folder));
            for (var i = 0; i < 10; i++)
            {
                if (await open.AddAsync(Recorded.Decision($"d-{i}", unit: $"user-{i}"), durable: i % 3 == 0) == AppendStatus.Stored) stored.Add($"d-{i}");
                if (await open.AddAsync(Recorded.Observation($"o-{i}", $"d-{i}")) == AppendStatus.Stored) stored.Add($"o-{i}");
                if (await open.AddAsync(Recorded.Observation($"u-{i}", unit: $"user-{i}")) == AppendStatus.Stored) stored.Add($"u-{i}");
            }
        }
        catch (SqliteException)
        {
            // The journal did not open: the server says so and ends.
        }
        return stored;
    }

    private static async Task AssertStoredOnceAsync(string folder, List<string> stored, string at)
    {
        await using var open = new OpenJournal(folder); // the next start, on a sound disk
        var decisions = await open.Reader.DecisionsAsync(new(Recorded.Banner), null, 100, default);
        var found = decisions.Items.Select(d => d.Id).Concat(await ReadAllAsync(open)).ToList();
        Assert.True(stored.All(found.Contains), $"{at}: {stored.FirstOrDefault(s => !found.Contains(s))} was acknowledged and is lost");
        Assert.Equal(found.Count, found.Distinct().Count());
        Assert.Equal(0, open.Corrupt.Count);
        Assert.Equal(decisions.Items.Count, open.Activity.Of(Recorded.Banner).Decisions);
        Assert.Equal(AppendStatus.Stored, await open.AddAsync(Recorded.Observation("next", "d-1")));
    }

    private static async Task<List<string>> ReadAllAsync(OpenJournal open)
    {
        var all = new List<string>();
        for (string? next = null; ;)
        {
            var page = await open.Reader.ObservationsAsync(new(), next, 1_000, default);
            all.AddRange(page.Items.Select(o => o.Id));
            if ((next = page.Next) is null) break;
        }
        all.Reverse();
        return all;
    }

    // The first flush after opening, counted on a sound disk.
    private static async Task<int> CallsUntilAsync(FileCall call)
    {
        using var folder = new TemporaryDirectory();
        using var plan = new FaultPlan(folder.Path) { IsRecording = true };
        int opened;
        await using (var open = new OpenJournal(Options(folder.Path)))
        {
            opened = plan.Calls;
            await open.AddAsync(Recorded.Observation("o-1", "d-1"));
        }
        for (var at = opened + 1; ; at++)
        {
            using var trial = new TemporaryDirectory();
            using var failing = new FaultPlan(trial.Path) { FailAt = at };
            await using (var open = new OpenJournal(Options(trial.Path))) await open.AddAsync(Recorded.Observation("o-1", "d-1"));
            if (failing.Failed == call) return at;
        }
    }

    private sealed class CountingClock : TimeProvider
    {
        private long _asked, _turned;

        public long Asked => Interlocked.Read(ref _asked);

        public override long GetTimestamp()
        {
            Interlocked.Increment(ref _asked);
            return base.GetTimestamp() + Interlocked.Read(ref _turned);
        }

        public void Turn(TimeSpan by) => Interlocked.Add(ref _turned, (long)(by.TotalSeconds * TimestampFrequency));
    }
}
