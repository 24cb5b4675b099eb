using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Bandits;

/// <summary>One rewarded decision.</summary>
/// <param name="X">The row.</param>
/// <param name="Option">Index of what was answered.</param>
/// <param name="Reward">Finite.</param>
public readonly record struct RewardedRow(double[] X, int Option, double Reward);

/// <summary>Explores by the disagreement of trees, each grown on a bootstrap of the rewarded rows.</summary>
/// <remarks>Elmachtoub, McNellis, Oh &amp; Petrik 2017. Every member weighs every row by a Poisson(1) count of its own (Oza &amp; Russell 2001) and boosts a few
/// small trees per option. p(a | row) is the share of members that call a the best, so it is exact. An option with too few rows to split has per member
/// the mean of its rows and of one row drawn evenly from the reward's range, so that what is unknown is tried.</remarks>
public sealed class TreeBandit : IBandit
{
    private const int FewestRows = 10;

    private static readonly LearnerSettings s_settings = new()
    {
        Objective = Objective.Squared, Rounds = 20, LearningRate = 0.3, Leaves = 8, MinLeafRows = 5, FeatureFraction = 0.5, Threads = 1, Bins = 64,
    };

    private readonly double _explore;
    private readonly ImmutableArray<double[]> _penalties;

    internal TreeBandit(ImmutableArray<ImmutableArray<TreeMember>> options, double explore, ImmutableArray<double[]> penalties = default) =>
        (Options, _explore, _penalties) = (options, explore, penalties);

    internal ImmutableArray<ImmutableArray<TreeMember>> Options { get; }

    /// <summary>The same trees with another even share, and something taken off their estimates.</summary>
    /// <param name="explore">The share.</param>
    /// <param name="penalties">As for <see cref="LinearBandit.Of"/>.</param>
    public TreeBandit With(double explore, ImmutableArray<double[]> penalties = default) => new(Options, explore, penalties);

    /// <summary>Grows the trees.</summary>
    /// <param name="rows">In the order of time; not kept. All of one width.</param>
    /// <param name="options">n, at least 1.</param>
    /// <param name="settings">Members, range and even share are used.</param>
    /// <param name="seed">The same rows and seed give the same trees.</param>
    /// <param name="cancel">Stops between members.</param>
    public static TreeBandit Of(IReadOnlyList<RewardedRow> rows, int options, BanditSettings settings, long seed, CancellationToken cancel)
    {
        var mean = rows.Count > 0 ? rows.Average(r => r.Reward) : 0;
        var range = double.IsNaN(settings.RewardRange) ? 2 * Math.Sqrt(rows.Count > 0 ? rows.Average(r => (r.Reward - mean) * (r.Reward - mean)) : 1) : settings.RewardRange;
        var fitted = ImmutableArray.CreateBuilder<ImmutableArray<TreeMember>>(options);
        for (var a = 0; a < options; a++)
        {
            var own = rows.Where(r => r.Option == a).ToArray();
            var members = new TreeMember[settings.Members];
            for (var m = 0; m < members.Length; m++)
            {
                cancel.ThrowIfCancellationRequested();
                members[m] = Grow(own, mean, range, new Philox(seed, "bandit-member", (long)a * settings.Members + m), cancel);
            }
            fitted.Add([.. members]);
        }
        return new(fitted.MoveToImmutable(), settings.Explore);
    }

    /// <inheritdoc/>
    public int Distribute(ReadOnlySpan<double> x, Span<double> chances)
    {
        chances.Clear();
        var (members, n) = (Options[0].Length, Options.Length);
        Span<double> estimates = n <= 512 ? stackalloc double[n] : new double[n], totals = n <= 512 ? stackalloc double[n] : new double[n];
        Span<double> off = n <= 512 ? stackalloc double[n] : new double[n];
        totals.Clear();
        off.Clear();
        if (!_penalties.IsDefaultOrEmpty)
            for (var a = 0; a < n; a++) off[a] = Vectors.Dot(x, _penalties[a]);
        for (var m = 0; m < members; m++)
        {
            for (var a = 0; a < n; a++) totals[a] += estimates[a] = Options[a][m].Estimate(x) - off[a];
            chances[ExplorationRules.Best(estimates)] += 1.0 / members;
        }
        ExplorationRules.Mix(chances, _explore);
        return ExplorationRules.Best(totals);
    }

    private static TreeMember Grow(RewardedRow[] rows, double mean, double range, Philox random, CancellationToken cancel)
    {
        var weights = Array.ConvertAll(rows, _ => (double)random.PoissonCount(1));
        var constant = (rows.Zip(weights, (r, w) => r.Reward * w).Sum() + mean + (random.Uniform() - 0.5) * range) / (weights.Sum() + 1);
        if (weights.Count(w => w > 0) < FewestRows) return new(constant, null);
        try
        {
            var d = rows[0].X.Length;
            var values = Enumerable.Range(0, d).Select(j => Array.ConvertAll(rows, r => r.X[j])).ToArray();
            var data = new DataSet([.. Enumerable.Range(0, d).Select(j => new Column($"x{j}", ColumnKind.Number, []))], values, Array.ConvertAll(rows, r => r.Reward), weights);
            return new(constant, new TrainedPredictor(data.Columns, new GradientBoosting().Fit(data, null, s_settings, random.NextUInt32(), null, cancel), null));
        }
        catch (UnlearnableException)
        {
            return new(constant, null); // all rewards alike, or nothing that tells them apart
        }
    }
}

/// <summary>One bootstrap's belief of one option.</summary>
/// <param name="Constant">What is expected where nothing was grown.</param>
internal readonly record struct TreeMember(double Constant, TrainedPredictor? Trees)
{
    public double Estimate(ReadOnlySpan<double> x) => Trees is null ? Constant : Trees.Predict(x);
}
