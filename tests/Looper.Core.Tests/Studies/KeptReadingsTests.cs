using Looper.Core.Access;
using Looper.Core.Studies;
using Looper.Testing;

namespace Looper.Core.Tests.Studies;

public class KeptReadingsTests
{
    private static readonly Guid s_study = Guid.CreateVersion7();

    [Fact]
    public async Task A_study_that_did_not_change_is_read_once_for_all()
    {
        await using var database = await TestDatabase.CreateAsync();
        var id = await StudyRuns.StartedAsync(database);
        var loop = StudyRuns.Loop(database, database.Databases, new StudyRuns.Simulator());
        for (var i = 0; i < 8; i++) await loop.StepAsync(id, default);
        using var queries = new StudyQueries(database.Databases);
        var first = (await queries.ReadAsync(Caller.System, id, default)).Value!;
        Assert.Same(first.Analysis, (await queries.ReadAsync(Caller.System, id, default)).Value!.Analysis);
        Assert.Same(first.Analysis, (await queries.AnalysisAsync(Caller.System, id, default)).Value);
        await loop.StepAsync(id, default);
        Assert.NotSame(first.Analysis, (await queries.ReadAsync(Caller.System, id, default)).Value!.Analysis);
    }

    [Fact]
    public async Task Who_no_longer_waits_goes_at_once_and_what_was_begun_is_kept()
    {
        using var readings = new KeptReadings<int>(2);
        using var held = new ManualResetEventSlim();
        using var gone = new CancellationTokenSource();
        var made = 0;
        var waiting = readings.OfAsync(s_study, 1, Make, gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var again = readings.OfAsync(s_study, 1, Make, default);
        held.Set();
        Assert.Equal(1, await again);
        Assert.Equal(1, await readings.OfAsync(s_study, 1, Make, default));

        int Make()
        {
            held.Wait();
            return ++made;
        }
    }

    [Fact]
    public async Task What_changes_meanwhile_overtake_is_not_made()
    {
        using var readings = new KeptReadings<int>(2);
        using var held = new ManualResetEventSlim();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var made = new List<int>();
        int Make(int stamp)
        {
            began.TrySetResult();
            held.Wait();
            made.Add(stamp); // one at a time
            return stamp;
        }

        var other = readings.OfAsync(Guid.Empty, 1, () => Make(100), default);
        await began.Task; // it has the turn
        Task<int>[] all = [.. Enumerable.Range(2, 9).Select(stamp => readings.OfAsync(s_study, stamp, () => Make(stamp), default))];
        held.Set();
        Assert.All(await Task.WhenAll(all), answer => Assert.Equal(10, answer));
        Assert.Equal(100, await other);
        Assert.Equal([100, 10], made);
    }

    [Fact]
    public async Task A_fault_is_told_and_tried_again_at_the_next_look()
    {
        using var readings = new KeptReadings<int>(2);
        await Assert.ThrowsAsync<InvalidOperationException>(() => readings.OfAsync(s_study, 1, () => throw new InvalidOperationException(), default));
        Assert.Equal(7, await readings.OfAsync(s_study, 1, () => 7, default));
    }
}
