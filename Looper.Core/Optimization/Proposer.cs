using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Optimization;

/// <summary>Why a point was proposed.</summary>
public enum ProposalReason
{
    /// <summary>What is done today.</summary>
    StatusQuo,

    /// <summary>Placed by design, before the model speaks.</summary>
    Start,

    /// <summary>Little is known there.</summary>
    Explore,

    /// <summary>It is expected to be better than the best so far.</summary>
    Exploit,

    /// <summary>A setting measured before, to know it better.</summary>
    Repeat,
}

/// <summary>A point to try next.</summary>
/// <param name="Point">Its coordinates.</param>
/// <param name="Reason">Why there.</param>
public sealed record Proposal(ImmutableArray<double> Point, ProposalReason Reason);

/// <summary>Says which settings to try next.</summary>
/// <remarks>A pure function of problem and trials: asked again with the same trials it answers the same, so that nothing is lost when the
/// one who asked forgets. Start by design (scrambled Sobol), then the maximum of <see cref="Acquisition"/>; several at once by taking each
/// proposal for pending before the next. Where the acquisition is flat, Thompson's rule: the best point of one joint draw.</remarks>
public static class Proposer
{
    private const int Draws = 64, DrawsOfSeveralGoals = 24, ThompsonPoints = 512;
    private const double Same = 1e-6; // closer than this two exact trials would tell the same twice

    /// <summary>The next points.</summary>
    /// <param name="problem">What is optimised.</param>
    /// <param name="trials">All so far; pending ones are taken into account.</param>
    /// <param name="count">How many to run side by side.</param>
    /// <param name="known">What the trials say, where it is at hand: learning it again takes as long as the search.</param>
    /// <returns>Fewer than asked for when every setting of a finite space is tried, or none is allowed by the constraints.</returns>
    public static ImmutableArray<Proposal> Next(Problem problem, IReadOnlyList<Trial> trials, int count = 1, Surrogates? known = null)
    {
        var proposals = ImmutableArray.CreateBuilder<Proposal>(count);
        var all = trials.ToList();
        var surrogates = known;
        // estimates at hand take the place of a start by design, but for two trials that tell how far off they are
        var starts = Math.Max(2, problem.StartTrials - all.Count(t => t.Offline && t.State == TrialState.Measured));
        while (proposals.Count < count)
        {
            var number = all.Count == 0 ? 1 : all.Max(t => t.Number) + 1;
            var proposal = all.Count(t => !t.Offline) < starts ? Start(problem, all) : null;
            if (proposal is null)
            {
                surrogates ??= Surrogates.Of(problem, trials);
                proposal = surrogates is null ? Designed(problem, all) : Best(surrogates, all, number);
            }
            if (proposal is null) break;
            proposals.Add(proposal);
            all.Add(Trial.Pending(number, proposal.Point.AsSpan()));
        }
        return proposals.ToImmutable();
    }

    private static Proposal? Start(Problem problem, List<Trial> trials)
    {
        if (problem.StatusQuo is { } quo && problem.Space.Allows(quo.AsSpan()) && !trials.Exists(t => !t.Offline && IsNear(t.Point.AsSpan(), quo.AsSpan())))
            return new(quo, ProposalReason.StatusQuo);
        return Designed(problem, trials);
    }

    // The first points of the design that are allowed and not tried, however many of them came before.
    private static Proposal? Designed(Problem problem, List<Trial> trials)
    {
        var design = new Sobol(problem.Space.Dimensions, new Philox(problem.Seed, "start"));
        var point = new double[problem.Space.Dimensions];
        for (var i = 0u; i < 20_000; i++)
        {
            design.Point(i, point);
            problem.Space.Snap(point);
            if (problem.Space.Allows(point) && !trials.Exists(t => IsNear(t.Point.AsSpan(), point))) return new([.. point], ProposalReason.Start);
        }
        return null;
    }

    private static Proposal? Best(Surrogates surrogates, List<Trial> trials, int number)
    {
        var problem = surrogates.Problem;
        var around = Standing.Best(surrogates, 5).Select(t => t.Point.ToArray()).ToList();
        var exact = surrogates.Live.All(t => t.Metrics.Values.All(m => m.StandardError == 0));
        bool Excluded(double[] point) => trials.Exists(t => !t.Offline && (exact || t.State == TrialState.Failed) && IsNear(t.Point.AsSpan(), point));
        if (AcquisitionOf(surrogates, trials, number) is { } acquisition)
        {
            var found = new AcquisitionSearch(problem.Space, acquisition, new Philox(problem.Seed, "candidates", number)).Run(around, out var isFlat);
            if (!isFlat && found.Find(c => !Excluded(c.Point)).Point is { } point) return new([.. point], Why(surrogates, trials, point));
        }
        return Thompson(surrogates, Excluded, number) ?? Designed(problem, trials);
    }

    /// <summary>The acquisition that the next proposal maximises; null when it cannot be made.</summary>
    internal static Acquisition? AcquisitionOf(Surrogates surrogates, IReadOnlyList<Trial> trials, int number)
    {
        var problem = surrogates.Problem;
        double[] pending = [.. trials.Where(t => t.State == TrialState.Pending && !t.Offline).SelectMany(t => t.Point)];
        var draws = problem.Goals.Length == 1 ? Draws : DrawsOfSeveralGoals;
        var random = new Philox(problem.Seed, "draws", number);
        var surfaces = new Dictionary<string, SampledSurface>(StringComparer.Ordinal);
        foreach (var metric in problem.Metrics)
        {
            if (SampledSurface.Of(surrogates[metric], pending, draws, random) is not { } surface) return null;
            surfaces[metric] = surface;
        }
        List<SampledSurface> constraints = [.. problem.Limits.Select(l => surfaces[l.Metric])];
        List<double> signs = [.. problem.Goals.Select(g => g.Sign), .. problem.Limits.Select(l => l.Sign)];
        List<double> limits = [.. problem.Limits.Select(l => l.Sign * surrogates[l.Metric].Standardised(l.Limit))];
        var failing = surrogates.Failure is { } failure ? SampledSurface.Of(failure, [], draws, random) : null;
        if (failing is not null)
        {
            constraints.Add(failing);
            signs.Add(1);
            limits.Add(failing.Process.Standardised(0.5));
        }
        var anyFeasible = Enumerable.Range(0, surrogates.Live.Length).Any(i => surrogates.Feasibility(i) > 0.5);
        // rows that may be the best: live measured ones, and pending ones after the offline rows
        var (rows, live, asked) = (surfaces.Values.Max(s => s.Rows), surrogates.Live.Length, pending.Length / problem.Space.Dimensions);
        var pendingCount = failing is null && surfaces.Values.All(s => s.Rows == rows) ? asked : 0;
        int[] candidates = [.. Enumerable.Range(0, live), .. Enumerable.Range(rows - asked, pendingCount)];
        return new([.. problem.Goals.Select(g => surfaces[g.Metric])], [.. constraints], [.. signs], [.. limits], candidates,
            problem.Goals.Length == 1 ? [] : Standing.Reference(surrogates, standardised: true), problem.Limits.Length, anyFeasible);
    }

    private static ProposalReason Why(Surrogates surrogates, List<Trial> trials, double[] point)
    {
        if (trials.Exists(t => !t.Offline && IsNear(t.Point.AsSpan(), point))) return ProposalReason.Repeat;
        var process = surrogates[surrogates.Problem.Goals[0].Metric];
        return process.At(point).Deviation > 0.5 * process.Scale * Math.Sqrt(process.Kernel.Variance) ? ProposalReason.Explore : ProposalReason.Exploit;
    }

    private static Proposal? Thompson(Surrogates surrogates, Predicate<double[]> excluded, int number)
    {
        var space = surrogates.Problem.Space;
        var random = new Philox(surrogates.Problem.Seed, "thompson", number);
        var design = new Sobol(space.Dimensions, random);
        var points = new List<double[]>();
        for (var i = 0u; i < ThompsonPoints; i++)
        {
            var point = new double[space.Dimensions];
            design.Point(i, point);
            space.Snap(point);
            if (space.Allows(point) && !excluded(point)) points.Add(point);
        }
        if (points.Count == 0) return null;
        var goal = surrogates.Problem.Goals[random.Below(surrogates.Problem.Goals.Length)];
        if (SampledSurface.Of(surrogates[goal.Metric], [.. points.SelectMany(p => p)], 2, random) is not { } draw) return null;
        var first = draw.Rows - points.Count;
        var best = Enumerable.Range(0, points.Count).MinBy(i => goal.Sign * draw.Drawn(0, first + i) - Math.Log(surrogates.Feasibility(points[i]) + 1e-9));
        return new([.. points[best]], ProposalReason.Explore);
    }

    private static bool IsNear(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        for (var j = 0; j < a.Length; j++)
            if (Math.Abs(a[j] - b[j]) > Same) return false;
        return true;
    }
}
