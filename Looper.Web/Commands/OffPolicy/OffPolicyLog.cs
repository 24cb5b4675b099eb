using Looper.Core.Learning;
using Looper.Core.OffPolicy;
using Looper.Web.Commands.Files;

namespace Looper.Web.Commands.OffPolicy;

/// <summary>Logged rows as the estimators want them.</summary>
/// <param name="Weights">π_e of the action taken over its propensity.</param>
/// <param name="Rewards">Rewards.</param>
/// <param name="Predicted">Predicted reward of the action taken; null without a model.</param>
/// <param name="Values">Predicted value of the policy a row; null without a model.</param>
internal sealed record OffPolicyLog(double[] Weights, double[] Rewards, double[]? Predicted, double[]? Values)
{
    /// <summary>Share of the policy's probability on actions that no row took, or on others than the one taken where that was certain.</summary>
    public double Unsupported { get; private init; }

    /// <summary>Whose row it is, as numbers from 0 without gaps; empty where nobody says, and every row counts as a unit of its own.</summary>
    public int[] Units { get; init; } = [];

    /// <summary>The model's predictions explain something of the rewards.</summary>
    public bool IsExplained => this is { Predicted: { } predicted, Values: { } values } && new ModelledRewards(predicted, values).Explains(Rewards, All.Taken) > 0;

    /// <summary>What the policy and the model's predictions are for every action.</summary>
    internal required Everything All { get; init; }

    /// <summary>The predictions fitted anew, so that the doubly robust estimate varies least: to the rewards, by the rows' weights π_e(1 − p)/p², from the prediction and the policy's
    /// own chance of an action, each row by those of other units. Null without a model.</summary>
    public ModelledRewards? Robust()
    {
        if (All is not { Predictions: { } predictions } all) return null;
        int[] folds = [.. Enumerable.Range(0, Weights.Length).Select(i => (Units.Length == 0 ? i : Units[i]) % Folds)];
        double[] robust = [.. Weights.Select((w, i) => LoggedRows.RobustWeight(w * all.Propensities[i], all.Propensities[i]))];
        return RewardBlend.Of([.. predictions.SelectMany(q => q)], all.Taken, [.. all.Policy.SelectMany(pi => pi)], all.Actions, folds, Rewards, robust, null);
    }

    /// <param name="Taken">Action of each row, an index.</param>
    /// <param name="Predictions">Of each row, one an action; null without a model.</param>
    /// <param name="Policy">Of each row, one an action.</param>
    internal sealed record Everything(int Actions, int[] Taken, double[] Propensities, double[][]? Predictions, double[][] Policy)
    {
        public double Untried()
        {
            var (tried, untried) = (Taken.ToHashSet(), 0.0);
            for (var i = 0; i < Taken.Length; i++)
                for (var a = 0; a < Actions; a++) if (!tried.Contains(a) || (Propensities[i] >= WeightFigures.Certain && a != Taken[i])) untried += Policy[i][a] / Taken.Length;
            return untried;
        }
    }

    private const int Folds = 5;

    /// <summary>Numbers of names, in the order in which they come.</summary>
    public static int[] Numbered<T>(IEnumerable<T> names) where T : notnull
    {
        var numbers = new Dictionary<T, int>();
        return [.. names.Select(name => numbers.TryGetValue(name, out var number) ? number : numbers[name] = numbers.Count)];
    }

    private const double MostRounded = 0.02; // of numbers written with few digits, over many actions

    public static OffPolicyLog Read(Table table, string action, string reward, string propensity, string prefix, string? modelPrefix)
    {
        var taken = table.Cells(CommandFile.Column(table, action, "--action"));
        var actions = table.Header.Where(h => h.StartsWith(prefix, StringComparison.Ordinal) && h.Length > prefix.Length).Select(h => h[prefix.Length..]).ToArray();
        // a longer prefix may begin with a shorter one: columns of the model, or text that is no action, are not the policy's
        if (modelPrefix is not null && modelPrefix.StartsWith(prefix, StringComparison.Ordinal))
            actions = [.. actions.Where(a => !(prefix + a).StartsWith(modelPrefix, StringComparison.Ordinal))];
        if (taken.All(t => long.TryParse(t, out _))) actions = [.. actions.Where(a => long.TryParse(a, out _))];
        if (actions.Length == 0) throw new FileFault($"--policy-columns: no column is called {prefix} followed by an action.");
        var index = actions.Select((a, k) => (a, k)).ToDictionary(p => p.a, p => p.k, StringComparer.Ordinal);
        var (rewards, p) = (CommandFile.Complete(table, reward, "--reward"), CommandFile.Complete(table, propensity, "--propensity"));
        double[][] pi = [.. actions.Select(a => CommandFile.Complete(table, prefix + a, "--policy-columns"))];
        var q = modelPrefix is null ? null : actions.Select(a => CommandFile.Complete(table, modelPrefix + a, "--reward-model-columns")).ToArray();
        var n = table.Rows;
        var (weights, predicted, values) = (new double[n], q is null ? null : new double[n], q is null ? null : new double[n]);
        for (var i = 0; i < n; i++)
        {
            if (!index.TryGetValue(taken[i], out var a)) throw new FileFault($"--action: there is no column {prefix}{taken[i]} for the action of row {i}.");
            if (p[i] is not (> 0 and <= 1)) throw new FileFault($"--propensity: {p[i]} in row {i} is no probability above 0.");
            double sum = 0, total = 0;
            for (var k = 0; k < actions.Length; k++)
            {
                if (pi[k][i] is not (>= 0 and <= 1)) throw new FileFault($"--policy-columns: {pi[k][i]} in row {i} of column '{prefix}{actions[k]}' is no probability.");
                (sum, total) = (sum + pi[k][i] * (q is null ? 0 : q[k][i]), total + pi[k][i]);
            }
            if (Math.Abs(total - 1) > MostRounded) throw new FileFault($"--policy-columns: those of row {i} add up to {total:G4}. The policy's probabilities of all actions add up to 1.");
            weights[i] = pi[a][i] / p[i];
            if (!double.IsFinite(weights[i])) throw new FileFault($"--propensity: {p[i]} in row {i} is too small to weight a row by.");
            if (q is not null) (predicted![i], values![i]) = (q[a][i], sum / total);
        }
        double[][] ByRow(double[][] columns) => [.. Enumerable.Range(0, n).Select(i => columns.Select(c => c[i]).ToArray())];
        var all = new Everything(actions.Length, [.. taken.Select(t => index[t])], p, q is null ? null : ByRow(q), ByRow(pi));
        return new(weights, rewards, predicted, values) { All = all, Unsupported = all.Untried() };
    }

    public OffPolicyLog Take(int[] rows)
    {
        T[] Of<T>(T[] all) => Array.ConvertAll(rows, i => all[i]);
        var all = new Everything(All.Actions, Of(All.Taken), Of(All.Propensities), All.Predictions is null ? null : Of(All.Predictions), Of(All.Policy));
        return new(Of(Weights), Of(Rewards), Predicted is null ? null : Of(Predicted), Values is null ? null : Of(Values))
        {
            Units = Units.Length == 0 ? [] : Numbered(rows.Select(i => Units[i])), All = all, Unsupported = all.Untried(),
        };
    }
}
