using Looper.Core.Metering;

namespace Looper.Core.Tests.Metering;

/// <summary>Processor time is counted for whom it was spent, wherever it was.</summary>
public sealed class WorkMeterTests
{
    private static readonly Guid s_one = Guid.CreateVersion7(), s_other = Guid.CreateVersion7();

    // Until the thread has been given so much of a processor.
    private static double Spin(long nanoseconds)
    {
        var (until, sum) = (ThreadProcessor.Nanoseconds + nanoseconds, 0.0);
        while (ThreadProcessor.Nanoseconds < until) sum += Math.Sqrt(sum + 1);
        return sum;
    }

    private static long Of(IEnumerable<WorkDone> done, Guid point, WorkKind kind) => done.Where(d => d.Point == point && d.Kind == kind).Sum(d => d.Nanoseconds);

    private const long Piece = 20_000_000, Slack = 15_000_000;

    [Fact]
    public async Task What_runs_between_is_counted_on_every_thread_that_it_goes_on_and_nothing_while_it_waits()
    {
        var meter = new WorkMeter();
        async Task WorkAsync()
        {
            using var counted = meter.Begin(s_one, WorkKind.Training);
            Spin(Piece);
            await Task.Delay(300, TestContext.Current.CancellationToken); // waits, and goes on elsewhere
            Spin(Piece);
            Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 2 }, _ => Spin(Piece));
            await Task.Run(() => Spin(Piece), TestContext.Current.CancellationToken);
        }
        await WorkAsync();
        Spin(5 * Piece); // nobody's
        var done = meter.Take();
        Assert.InRange(Of(done, s_one, WorkKind.Training), 7 * Piece, (7 * Piece) + (4 * Slack));
        Assert.Equal(s_one, Assert.Single(done).Point);
        Assert.Empty(meter.Take());
    }

    [Fact]
    public async Task A_part_for_somebody_else_is_counted_for_them_and_two_at_a_time_are_told_apart()
    {
        var meter = new WorkMeter();
        async Task WorkAsync(Guid point, int times)
        {
            using var counted = meter.Begin(WorkMeter.Shared, WorkKind.Analysis);
            for (var i = 0; i < times; i++)
            {
                using (WorkMeter.For(point)) Spin(Piece);
                await Task.Yield();
            }
        }
        await Task.WhenAll(Task.Run(() => WorkAsync(s_one, 2), TestContext.Current.CancellationToken), Task.Run(() => WorkAsync(s_other, 4), TestContext.Current.CancellationToken));
        var done = meter.Take();
        Assert.InRange(Of(done, s_one, WorkKind.Analysis), 2 * Piece, (2 * Piece) + Slack);
        Assert.InRange(Of(done, s_other, WorkKind.Analysis), 4 * Piece, (4 * Piece) + Slack);
        Assert.InRange(Of(done, WorkMeter.Shared, WorkKind.Analysis), 0, Slack);
        Assert.Null(WorkMeter.For(s_one)); // nothing is being counted
    }

    [Fact]
    public void One_in_64_stands_for_all_of_them()
    {
        var meter = new WorkMeter();
        for (var i = 0; i < 6_400; i++)
        {
            var began = WorkSample.Begin();
            Spin(i % 2 == 0 ? 20_000 : 60_000); // alternating, which gaps of one length would meet one of
            WorkSample.End(began, meter, s_one);
        }
        // 6,400 × 40 µs; of 100 that are timed, each 20 or 60: 5 % of error
        Assert.InRange(Of(meter.Take(), s_one, WorkKind.Serving), 0.7 * 256_000_000, 1.4 * 256_000_000);
    }

    [Fact]
    public void The_first_of_a_thread_is_timed_no_more_often_than_any_other()
    {
        var meter = new WorkMeter();
        for (var i = 0; i < 3_200; i++)
        {
            var thread = new Thread(() => WorkSample.End(WorkSample.Begin() is var began && began != 0 ? began - 1_000_000 : 0, meter, s_one));
            thread.Start();
            thread.Join();
        }
        // 50 of 3,200 are expected to be timed, give or take 7, each for a millisecond that stands for 64
        Assert.InRange(Of(meter.Take(), s_one, WorkKind.Serving) / 64_000_000.0, 20, 85);
    }
}
