using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Personalization;

namespace Looper.Core.LongTerm;

/// <summary>The units of one experiment, and those of the time before it.</summary>
/// <param name="From">First decisions of the history from this time on,</param>
/// <param name="Until">and before this one: all of the metric’s time lay before the experiment.</param>
internal sealed record LongTermSample(LongTermUnits History, LongTermUnits Units, DateTimeOffset From, DateTimeOffset Until)
{
    /// <summary>Parts of the memory for values that each of the two samples may take: of the experiment itself, and of an earlier one while that is there.</summary>
    public const double OwnShare = 1.0 / 3, TestShare = 1.0 / 6;

    private const int MostPast = 200_000, MostUnits = 500_000;
    private static readonly TimeSpan s_history = TimeSpan.FromDays(90);

    /// <param name="asOf">Windows count as closed, and events as arrived, by this moment.</param>
    /// <param name="share">Part of the memory that each sample may take.</param>
    /// <param name="report">Told how many units have been read.</param>
    public static async Task<LongTermSample> ReadAsync(
        ExposureReader exposures, LongTermReading reading, Experiment experiment, ExperimentPlan plan, DateTimeOffset asOf, double share, Action<long> report, CancellationToken cancel)
    {
        var room = (int)(share * DrawnUnits.MostCells / (reading.Width + Math.Max(1, reading.Columns.Most)));
        var audience = reading.Filters(plan.Audience);
        var (history, units, read) = (new LongTermUnits(reading, Math.Min(MostPast, room)), new LongTermUnits(reading, Math.Min(MostUnits, room)), 0L);
        var until = experiment.StartedAt!.Value - reading.Metric.Window;
        var past = reading.Query(experiment.DecisionPointId, Guid.Empty, asOf) with { AnyDecision = true, From = until - s_history, Until = until };
        await foreach (var unit in exposures.ReadAsync(past, cancel))
        {
            history.AddPast(unit, audience);
            if (++read % 5_000 == 0) report(read);
        }
        await foreach (var unit in exposures.ReadAsync(reading.Query(experiment.DecisionPointId, experiment.Id, asOf) with { From = experiment.StartedAt }, cancel))
        {
            units.AddExposed(unit, plan.Arms.Length);
            if (++read % 5_000 == 0) report(read);
        }
        return new(history, units, until - s_history, until);
    }
}
