using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Experiments;

/// <summary>Which piece of its layer an experiment can have: experiments of one layer never share a unit, on one decision point or on several.</summary>
internal static class Layers
{
    /// <summary>Pieces whose ends differ by less than this touch: what is lost in adding shares.</summary>
    private const double Touch = 1e-9;

    /// <summary>Where the piece begins, 0 outside any layer; refused when another experiment is in the way.</summary>
    public static async Task<Answered<double>> FindRoomAsync(LooperDb db, Experiment experiment, ExperimentPlan plan, CancellationToken cancel)
    {
        var running = (await db.Set<Experiment>().AsNoTracking().Where(e => e.State == ExperimentState.Running && e.Id != experiment.Id).Select(e => new { e.Key, e.DecisionPointId, e.Plan }).ToListAsync(cancel))
            .ConvertAll(e => (e.Key, e.DecisionPointId, Plan: ExperimentJson.ReadPlan(e.Plan)));
        var beside = running.FirstOrDefault(r => r.DecisionPointId == experiment.DecisionPointId && (plan.Layer is null || r.Plan.Layer != plan.Layer));
        if (beside.Key is not null)
            return new Refusal("experiment.another-running", beside.Plan.Layer is { } theirs
                ? $"Cannot start: '{beside.Key}' runs on the same decision point in layer '{theirs}'. Put this one into that layer too, so that they never share a unit, or stop it first."
                : $"Cannot start: '{beside.Key}' runs on the same decision point outside any layer, and they would share units. Stop it first; two at once need one layer.", "layer");
        if (plan.Layer is not { } layer) return 0;
        var taken = running.Where(r => r.Plan.Layer == layer).ToList();
        if (Gap([.. taken.Select(t => (t.Plan.LayerFrom, t.Plan.Traffic))], plan.Traffic) is { } from) return from;
        return new Refusal("experiment.layer-full",
            $"Cannot start: {string.Join(" and ", taken.Select(t => FormattableString.Invariant($"'{t.Key}' ({100 * t.Plan.Traffic:0.##}%)")))} leave no piece of {FormattableString.Invariant($"{100 * plan.Traffic:0.##}")}% of layer '{layer}'. Lower its traffic or stop one first.", "traffic");
    }

    /// <summary>The lowest place in [0, 1) where a piece of <paramref name="length"/> fits between those taken; null when none does.</summary>
    internal static double? Gap(IEnumerable<(double From, double Length)> taken, double length)
    {
        var at = 0.0;
        foreach (var (from, used) in taken.OrderBy(t => t.From))
        {
            if (from - at >= length - Touch) return at;
            at = Math.Max(at, from + used);
        }
        return 1 - at >= length - Touch ? at : null;
    }
}
