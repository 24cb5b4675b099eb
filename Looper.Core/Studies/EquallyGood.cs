using Looper.Core.Optimization;

namespace Looper.Core.Studies;

/// <summary>The values of one parameter that do about as well as the best trial, the others as in it.</summary>
/// <param name="Low">Smallest of them, in one stretch around the best.</param>
/// <param name="High">Largest.</param>
public sealed record EquallyGood(string Parameter, double Low, double High)
{
    /// <summary>Values whose expected goal is within one standard deviation of the best trial's, and that keep the guardrails as probably. Pure.</summary>
    /// <returns>Numbers only; empty where the best is known exactly, for then nothing is as good.</returns>
    public static IEnumerable<EquallyGood> Of(StudyAnalysis analysis, BestTrial best)
    {
        var goal = analysis.Problem.Goals[0];
        var (mean, deviation) = (best.Predicted[goal.Metric].Mean, best.Predicted[goal.Metric].StandardError);
        if (!(deviation > 0)) yield break;
        foreach (var parameter in analysis.Problem.Space.Parameters.Where(p => p.Kind != ParameterKind.Category))
        {
            if (StudySurface.SliceOf(analysis, parameter.Name, goal.Metric) is not { } slice) continue;
            bool IsGood(int i) => goal.Sign * (slice.Mean[i] - mean) <= deviation && slice.Feasibility[i] >= Math.Min(best.Feasibility, Standing.Safe) - 1e-9;
            var at = best.Parameters[parameter.Name].Number;
            int low = Nearest(slice, at), high = low;
            while (low > 0 && IsGood(low - 1)) low--;
            while (high < slice.X.Count - 1 && IsGood(high + 1)) high++;
            yield return new(parameter.Name, Math.Min(at, slice.X[low].Number), Math.Max(at, slice.X[high].Number));
        }
    }

    private static int Nearest(Slice slice, double at)
    {
        var nearest = 0;
        for (var i = 1; i < slice.X.Count; i++)
            if (Math.Abs(slice.X[i].Number - at) < Math.Abs(slice.X[nearest].Number - at)) nearest = i;
        return nearest;
    }
}
