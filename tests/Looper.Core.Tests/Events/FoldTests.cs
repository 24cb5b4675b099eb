using Looper.Core.Events;
using Looper.Core.Events.Sqlite;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events;

/// <summary>When the write-ahead log is folded into the database, and what goes on beside it.</summary>
public sealed class FoldTests : IDisposable
{
    private const int Pages = 20, PageBytes = 4_096;

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_a_fold_the_log_may_grow_to_sixteen_times_as_much_before_the_next()
    {
        await using var open = Open(TimeSpan.FromMinutes(1));
        var (most, folds) = (0L, 0);
        for (var i = 0; folds < 3; i++)
        {
            var before = open.Journal.Condition.LogBytes;
            await AddAsync(open, i, 20);
            var now = open.Journal.Condition.LogBytes;
            if (now < before) folds++; // the first comes at once
            if (folds > 0) most = Math.Max(most, now);
            if (folds > 0 && now >= 16 * Pages * PageBytes)
            {
                await Eventually.IsTrueAsync(() => Task.FromResult(open.Journal.Condition.LogBytes < now)); // on a slow disk it would grow on meanwhile
                folds++;
            }
            Assert.True(i < 5_000, "The log is not folded.");
        }
        Assert.InRange(most, 16 * Pages * PageBytes, 64 * Pages * PageBytes);
    }

    [Fact]
    public async Task Units_are_erased_while_the_log_is_folded_beside_the_writer()
    {
        await using var open = Open(TimeSpan.Zero);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++) await AddAsync(open, i, 200);
        });
        for (var unit = 0; unit < 60; unit++)
        {
            Assert.Equal(AppendStatus.Stored, await open.AddAsync(Recorded.Decision($"own-{unit}") with { Unit = $"erased-{unit}" }));
            Assert.Equal(1, (await open.Journal.EraseAsync($"erased-{unit}", default)).Decisions);
        }
        await stop.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task Appends_go_on_while_a_reader_keeps_the_log_from_being_emptied_of_a_unit()
    {
        await using var open = Open(TimeSpan.FromMinutes(1));
        await AddAsync(open, 0, 50);
        await open.AddAsync(Recorded.Decision("own") with { Unit = "erased" });
        Task<Removed> erasing;
        using (var reader = EventFile.OpenForReading(JournalOptions.In(_folder.Path)))
        {
            EventFile.Execute(reader, "BEGIN");
            EventFile.Scalar(reader, "SELECT count(*) FROM decisions");
            erasing = open.Journal.EraseAsync("erased", default);
            await Eventually.IsTrueAsync(async () => await open.Reader.FindDecisionAsync("own", default) is null);
            for (var batch = 1; batch <= 20; batch++)
            {
                await AddAsync(open, batch, 50);
                Assert.False(erasing.IsCompleted, "The writer waited for the reader.");
            }
        }
        Assert.Equal(1, (await erasing).Decisions);
    }

    private OpenJournal Open(TimeSpan every) => new(JournalOptions.In(_folder.Path) with { CheckpointPages = Pages, FoldEvery = every });

    private static async Task AddAsync(OpenJournal open, int batch, int records)
    {
        var answers = await open.Journal.AppendAsync([.. Enumerable.Range(0, records).Select(i => Recorded.Decision($"d-{batch}-{i}"))], durable: false, default);
        Assert.All(answers, a => Assert.Equal(AppendStatus.Stored, a.Status));
    }
}
