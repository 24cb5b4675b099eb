using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Optimization;

/// <summary>A trial as one would judge it now.</summary>
/// <param name="Trial">A live measured one.</param>
/// <param name="Predicted">By metric: what the model expects of it, in the metric's unit; the winner's luck is taken out.</param>
/// <param name="Feasibility">Chance that every limit holds.</param>
/// <param name="OnFront">Several goals: chance that no other trial beats it in all of them; 1 for one goal.</param>
public sealed record Judged(Trial Trial, ImmutableSortedDictionary<string, Prediction> Predicted, double Feasibility, double OnFront = 1);

/// <summary>Which of the trials are best, by what the model expects of them rather than by their luck.</summary>
public static class Standing
{
    /// <summary>Chance of keeping every limit that a trial needs to be recommended.</summary>
    public const double Safe = 0.95;

    private const int FrontDraws = 256;

    /// <summary>The trial to keep: the best expected goal among those that probably keep every limit (≥ 0.95, else ≥ 0.5), else the one that
    /// most probably does. Never an untried point.</summary>
    /// <param name="surrogates">Of a problem with one goal.</param>
    public static Judged Recommended(Surrogates surrogates) => Judge(surrogates, RowsByMerit(surrogates)[0]);

    /// <summary>After each live trial the one of them all so far that would be recommended, judged by all that is known in the end.</summary>
    /// <param name="surrogates">Of a problem with one goal.</param>
    public static ImmutableArray<Judged> SoFar(Surrogates surrogates)
    {
        var rows = Merits(surrogates);
        return [.. rows.Select((_, i) => Judge(surrogates, Sorted(rows[..(i + 1)])[0]))];
    }

    /// <summary>Trials that no other one is expected to beat, safe ones where there are any, best first in the first goal.</summary>
    /// <param name="surrogates">Of a problem with several goals.</param>
    public static ImmutableArray<Judged> Front(Surrogates surrogates)
    {
        var goals = surrogates.Problem.Goals;
        var rows = Enumerable.Range(0, surrogates.Live.Length).ToArray();
        var feasibility = rows.Select(surrogates.Feasibility).ToArray();
        foreach (var level in (double[])[Safe, 0.5])
            if (Array.FindAll(rows, i => feasibility[i] >= level) is { Length: > 0 } safe)
            {
                rows = safe;
                break;
            }
        var values = rows.Select(i => goals.Select(g => g.Sign * surrogates.AtTrial(g.Metric, i).Mean).ToArray()).ToArray();
        var chance = OnFront(surrogates);
        return [.. rows.Where((_, a) => !values.Where((v, b) => a != b && ParetoFront.Dominates(v, values[a])).Any())
            .OrderBy(i => goals[0].Sign * surrogates.AtTrial(goals[0].Metric, i).Mean)
            .Select(i => Judge(surrogates, i) with { OnFront = chance[i] })];
    }

    /// <summary>Judges one live trial.</summary>
    /// <param name="surrogates">The model.</param>
    /// <param name="row">Place of the trial among the live ones.</param>
    public static Judged Judge(Surrogates surrogates, int row) => new(surrogates.Live[row],
        surrogates.Problem.Metrics.ToImmutableSortedDictionary(m => m, m => surrogates.AtTrial(m, row), StringComparer.Ordinal), surrogates.Feasibility(row));

    /// <summary>The best trials, most promising first.</summary>
    /// <param name="surrogates">The model.</param>
    /// <param name="count">At most so many.</param>
    public static IEnumerable<Trial> Best(Surrogates surrogates, int count)
    {
        if (surrogates.Problem.Goals.Length == 1) return RowsByMerit(surrogates).Take(count).Select(i => surrogates.Live[i]);
        var front = Front(surrogates);
        var step = Math.Max(1.0, (front.Length - 1.0) / Math.Max(1, count - 1));
        return Enumerable.Range(0, Math.Min(count, front.Length)).Select(i => front[Math.Min(front.Length - 1, (int)Math.Round(i * step))].Trial);
    }

    /// <summary>The corner that useful trials beat, one number a goal, turned so that less is better: thresholds where given, else a tenth of
    /// the front's range beyond its worst.</summary>
    /// <param name="surrogates">Of a problem with several goals.</param>
    /// <param name="standardised">In units of each process rather than of the metric.</param>
    public static double[] Reference(Surrogates surrogates, bool standardised = false)
    {
        var front = Front(surrogates);
        return [.. surrogates.Problem.Goals.Select(goal =>
        {
            var process = surrogates[goal.Metric];
            var values = front.Select(j => goal.Sign * j.Predicted[goal.Metric].Mean).ToArray();
            var range = values.Max() - values.Min();
            var corner = goal.Threshold is { } threshold ? goal.Sign * threshold : values.Max() + 0.1 * (range > 0 ? range : process.Scale);
            return standardised ? goal.Sign * process.Standardised(goal.Sign * corner) : corner;
        })];
    }

    private static int[] RowsByMerit(Surrogates surrogates) => Sorted(Merits(surrogates));

    private static (int Row, double Feasibility, double Value)[] Merits(Surrogates surrogates)
    {
        var goal = surrogates.Problem.Goals[0];
        return [.. Enumerable.Range(0, surrogates.Live.Length).Select(i => (i, surrogates.Feasibility(i), goal.Sign * surrogates.AtTrial(goal.Metric, i).Mean))];
    }

    private static int[] Sorted((int Row, double Feasibility, double Value)[] rows)
    {
        var level = Array.Exists(rows, r => r.Feasibility >= Safe) ? Safe : Array.Exists(rows, r => r.Feasibility >= 0.5) ? 0.5 : double.NaN;
        return [.. (double.IsNaN(level) ? rows.OrderByDescending(r => r.Feasibility).ThenBy(r => r.Value)
            : rows.OrderBy(r => r.Feasibility >= level ? 0 : 1).ThenBy(r => r.Value)).Select(r => r.Row)];
    }

    private static double[] OnFront(Surrogates surrogates)
    {
        var (goals, n) = (surrogates.Problem.Goals, surrogates.Live.Length);
        var surfaces = goals.Select(g => SampledSurface.Of(surrogates[g.Metric], [], FrontDraws, new Philox(surrogates.Problem.Seed, "front of " + g.Metric))).ToArray();
        var chance = new double[n];
        if (Array.Exists(surfaces, s => s is null)) return [.. chance.Select(_ => double.NaN)];
        var draws = surfaces.Max(s => s!.Draws);
        for (var s = 0; s < draws; s++)
        {
            var values = Enumerable.Range(0, n).Select(i => goals.Select((g, o) => g.Sign * surfaces[o]!.Drawn(surfaces[o]!.Draws == 1 ? 0 : s, i)).ToArray()).ToArray();
            for (var i = 0; i < n; i++)
                if (!values.Where((v, k) => k != i && ParetoFront.Dominates(v, values[i])).Any()) chance[i] += 1.0 / draws;
        }
        return chance;
    }
}
