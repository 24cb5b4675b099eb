using System.Collections.Immutable;

namespace Looper.Core.Learning.Sequences;

/// <summary>Long-term value of every option, learned from logged sequences, and the policy that takes the best one.</summary>
/// <remarks>Fitted Q iteration (Ernst, Geurts &amp; Wehenkel 2005): Q ← boosting on r + γ^Δt·max_a Q̄(s′, a), 30 iterations; two Q's from halves of
/// the rows and their minimum in the target against overestimation; only options with logged probability ≥ 0.05·max are considered (Fujimoto,
/// Meger &amp; Precup 2019), which is exact because propensities are logged.</remarks>
public sealed class FittedQ
{
    private const int Iterations = 30;
    private const double Supported = 0.05;
    private readonly IPredictor?[] _first, _second;

    private FittedQ(IPredictor?[] first, IPredictor?[] second) => (_first, _second) = (first, second);

    /// <summary>Options.</summary>
    public int Actions => _first.Length;

    /// <summary>Learns from steps of many units.</summary>
    /// <param name="columns">Columns of a state.</param>
    /// <param name="steps">In any order; a unit's steps are linked by <see cref="Step.Next"/>.</param>
    /// <param name="actions">Number of options.</param>
    /// <param name="discount">γ per day, in [0, 1].</param>
    /// <param name="settings">How each Q is fitted; the objective is squared error.</param>
    /// <param name="seed">Fixes every fit.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <exception cref="UnlearnableException">No option has enough rows.</exception>
    public static FittedQ Learn(
        ImmutableArray<Column> columns, IReadOnlyList<Step> steps, int actions, double discount, LearnerSettings settings, long seed, CancellationToken cancel) =>
        Iterate(columns, steps, actions, discount, settings, seed, null, cancel);

    /// <summary>Value of a given policy rather than of the best one: fitted Q evaluation (Le, Voloshin &amp; Yue 2019).</summary>
    /// <param name="columns">Columns of a state.</param>
    /// <param name="steps">As for <see cref="Learn"/>.</param>
    /// <param name="actions">Number of options.</param>
    /// <param name="discount">γ per day.</param>
    /// <param name="policy">Option that the policy takes in a state.</param>
    /// <param name="settings">How each Q is fitted.</param>
    /// <param name="seed">Fixes every fit.</param>
    /// <param name="cancel">Ends the work.</param>
    public static FittedQ Evaluate(
        ImmutableArray<Column> columns, IReadOnlyList<Step> steps, int actions, double discount, Func<ImmutableArray<double>, int> policy,
        LearnerSettings settings, long seed, CancellationToken cancel) => Iterate(columns, steps, actions, discount, settings, seed, policy, cancel);

    /// <summary>Discounted goal to be expected when an option is taken now and the policy is followed after; NaN for an option never learned.</summary>
    /// <param name="state">One value per column.</param>
    /// <param name="action">Option.</param>
    public double Value(ReadOnlySpan<double> state, int action) => _first[action] is { } first && _second[action] is { } second
        ? Math.Min(first.Predict(state), second.Predict(state))
        : double.NaN;

    /// <summary>The option of the greatest value among those that the log supports.</summary>
    /// <param name="state">One value per column.</param>
    /// <param name="propensities">Logged probabilities of the options; empty allows all.</param>
    public int Best(ReadOnlySpan<double> state, ReadOnlySpan<double> propensities)
    {
        var most = 0.0;
        foreach (var p in propensities) most = Math.Max(most, p);
        var (best, value) = (-1, double.NegativeInfinity);
        for (var action = 0; action < Actions; action++)
        {
            if (!propensities.IsEmpty && propensities[action] < Supported * most) continue;
            var here = Value(state, action);
            if (here > value) (best, value) = (action, here);
        }
        return best;
    }

    private static FittedQ Iterate(
        ImmutableArray<Column> columns, IReadOnlyList<Step> steps, int actions, double discount, LearnerSettings settings, long seed,
        Func<ImmutableArray<double>, int>? policy, CancellationToken cancel)
    {
        settings = settings with { Objective = Objective.Squared };
        FittedQ? q = null;
        var targets = steps.Select(s => s.Reward).ToArray();
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            cancel.ThrowIfCancellationRequested();
            if (q is not null) for (var i = 0; i < targets.Length; i++) targets[i] = steps[i].Reward + Math.Pow(discount, steps[i].Elapsed) * Ahead(q, steps[i], policy);
            q = new(Fit(columns, steps, targets, actions, 0, settings, seed + iteration, cancel), Fit(columns, steps, targets, actions, 1, settings, seed + iteration, cancel));
        }
        if (!q!._first.Zip(q._second).Any(p => p.First is not null && p.Second is not null))
            throw TrainingChecks.Refused("too-few-rows", $"None of the {actions} options has enough steps to learn from.");
        return q;
    }

    private static double Ahead(FittedQ q, Step step, Func<ImmutableArray<double>, int>? policy)
    {
        if (step.Next is not { } next) return 0;
        var action = policy is null ? q.Best(next.AsSpan(), step.NextPropensities.AsSpan()) : policy(next);
        var value = action < 0 ? 0 : q.Value(next.AsSpan(), action);
        return double.IsNaN(value) ? 0 : value;
    }

    // One fit per option and half of the steps that took it; an option whose targets never differ is that constant.
    private static IPredictor?[] Fit(
        ImmutableArray<Column> columns, IReadOnlyList<Step> steps, double[] targets, int actions, int half, LearnerSettings settings, long seed, CancellationToken cancel)
    {
        var fits = new IPredictor?[actions];
        for (var action = 0; action < actions; action++)
        {
            int[] rows = [.. Enumerable.Range(0, steps.Count).Where(i => steps[i].Action == action).Where((_, taken) => taken % 2 == half)];
            if (rows.Length == 0) continue;
            var labels = Array.ConvertAll(rows, i => targets[i]);
            double[][] values = [.. Enumerable.Range(0, columns.Length).Select(j => Array.ConvertAll(rows, i => steps[i].State[j]))];
            try
            {
                fits[action] = new GradientBoosting().Fit(new(columns, values, labels), null, settings, seed, null, cancel);
            }
            catch (UnlearnableException)
            {
                fits[action] = new TreeEnsemble(Objective.Squared, [labels.Average()], [], [.. columns.Select(_ => default(ImmutableArray<short>))]);
            }
        }
        return fits;
    }
}
