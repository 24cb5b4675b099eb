using Looper.Core.Events;
using Looper.Core.Events.Sqlite;
using Looper.Core.Numerics;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Tests.Events;

public sealed class GatheredLogTests
{
    private const int PageBytes = 4_096;

    [Fact]
    public async Task A_commit_goes_to_the_system_in_few_pieces()
    {
        using var folder = new TemporaryDirectory();
        using var plan = new FaultPlan(folder.Path) { IsRecording = true };
        await using var open = new OpenJournal(Options(folder.Path));
        await open.AddAsync(Recorded.Decision("first"));
        var before = plan.Recorded;
        await open.Journal.AppendAsync([.. Enumerable.Range(0, 1_000).Select(i => Recorded.Decision($"d-{i}"))], durable: false, default);
        var writes = LogWrites(plan, before);
        Assert.NotNull(await open.Reader.FindDecisionAsync("d-999", default));
        var pages = writes.Sum(w => w.Bytes.Length) / PageBytes;
        Assert.InRange(pages, 30, 1_000);
        Assert.InRange(writes.Length, 1, 5);
    }

    // A cache of ten pages: they go to the log before the commit, are read again, written over where they lie, and their checksums made anew.
    [Fact]
    public void A_transaction_that_is_larger_than_the_cache_is_read_kept_and_undone_as_any_other()
    {
        using var folder = new TemporaryDirectory();
        using var plan = new FaultPlan(folder.Path) { IsRecording = true };
        using var own = Open(folder, FaultFileSystem.Name);
        EventFile.Execute(own, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 10; CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB) STRICT");
        _ = new LogFlush(own);
        using var other = Open(folder, null);
        var draw = new Philox(Sizes.Seed, "gathered");
        var expected = 0L;
        for (var round = 0; round < 20; round++)
        {
            var before = plan.Recorded;
            EventFile.Execute(own, "BEGIN");
            for (var i = 0; i < 400; i++)
            {
                EventFile.Execute(own, $"INSERT OR REPLACE INTO t VALUES ({draw.Below(2_000)}, randomblob(300))");
                if (i % 150 == 0) Assert.Equal(expected, Sum(other));
            }
            if (round % 4 == 3) EventFile.Execute(own, "ROLLBACK");
            else
            {
                expected = Sum(own);
                EventFile.Execute(own, "COMMIT");
            }
            Assert.Equal(expected, Sum(other)); // first: its own connection would be given what waits
            Assert.Equal(expected, Sum(own));
            var writes = LogWrites(plan, before);
            Assert.Contains(writes.Zip(writes.Skip(1)), w => w.Second.Offset < w.First.Offset); // the case did come up
            if (round % 7 == 6) EventFile.Execute(own, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
        own.Dispose();
        using var again = Open(folder, null);
        Assert.Equal(expected, Sum(again));
        using var check = again.CreateCommand();
        check.CommandText = "PRAGMA integrity_check";
        Assert.Equal("ok", check.ExecuteScalar());
    }

    private static SqliteConnection Open(TemporaryDirectory folder, string? fileSystem)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = folder.File("t.db"), Pooling = false, Vfs = fileSystem }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>Changes with every row: their values are drawn anew each time.</summary>
    private static long Sum(SqliteConnection connection) => EventFile.Scalar(connection, "SELECT ifnull(sum((k + 1) * instr(v, x'AB')), 0) FROM t");

    private static JournalOptions Options(string folder) => JournalOptions.In(folder) with { FileSystem = FaultFileSystem.Name, CheckpointPages = 100_000 };

    private static FileOperation[] LogWrites(FaultPlan plan, int from) =>
        [.. plan.Operations().Skip(from).Where(o => o.Call == FileCall.Write && o.Path.EndsWith("-wal", StringComparison.Ordinal))];
}
