using System.Collections.Immutable;

namespace Looper.Core.Learning;

/// <summary>One model that a search tried.</summary>
/// <param name="Family"><c>boosting</c>, <c>linear</c> or <c>network</c>.</param>
/// <param name="Settings">As used; for boosting with the rounds that early stopping kept.</param>
/// <param name="Loss">Mean loss on the rows that judged it.</param>
/// <param name="Cost">Cost of one prediction in steps, roughly: what ties are broken by.</param>
/// <param name="Note">In a few words, for people.</param>
/// <param name="On">Empty for a fit that may be chosen; else on which part of the rows it looked, or which rows checked it.</param>
public sealed record Trial(string Family, LearnerSettings Settings, double Loss, double Cost, string Note, string On = "");

/// <summary>What a search found.</summary>
/// <param name="Predictor">The chosen model, fitted on all rows.</param>
/// <param name="Chosen">Its trial.</param>
/// <param name="Trials">Every fit, in order.</param>
/// <param name="Honest">The chosen model as it was judged while looking, fitted on the oldest 85 % alone: its predictions of the newest are honest.</param>
/// <param name="Length">How far it went.</param>
public sealed record SearchResult(IPredictor Predictor, Trial Chosen, ImmutableArray<Trial> Trials, IPredictor Honest, SearchLength Length);

/// <summary>Looks for a family and settings that predict rows best which took no part in looking.</summary>
/// <remarks>Looking: the defaults of each family; then boosting over the ranges of statistics.md B4 by successive halving (Jamieson &amp; Talwalkar 2016):
/// 27 points on a ninth of the training rows, the best 9 on a third, the best 3 on all; then steps around the best so far until nothing
/// has helped for 12, all judged by the same newest 15 %. Checking: the default and the best few, of which the best with half its rate may be one, fitted again
/// before other rows and judged by those (<see cref="SearchFolds"/>). Choosing: <see cref="SearchChoice"/>.</remarks>
public static class ModelSearch
{
    /// <summary>Tries models until nothing new helps or the budget is spent.</summary>
    /// <param name="data">Rows in time order.</param>
    /// <param name="settings">What is given: objective, threads, and the defaults to start from.</param>
    /// <param name="space">What may vary, which rows judge, and how much quality a cheaper model may cost.</param>
    /// <param name="seed">Fixes the settings tried and every fit.</param>
    /// <param name="budget">When it ends; the first fit is always made.</param>
    /// <param name="progress">Told of every trial; null for none.</param>
    /// <param name="cancel">Ends the search without a result.</param>
    /// <exception cref="UnlearnableException">No family can learn these rows, or the space is out of range.</exception>
    public static SearchResult Within(
        DataSet data, LearnerSettings settings, SearchSpace space, long seed, SearchBudget budget, Action<Trial>? progress, CancellationToken cancel)
    {
        if (space.Fault() is { } fault) throw TrainingChecks.Refused("settings-invalid", $"The setting {fault}.");
        if (space.Family is not (null or "boosting" or "linear" or "network"))
            throw TrainingChecks.Refused("no-family", $"There is no family '{space.Family}'; the families are boosting, linear and network.");
        return new SearchRun(data, settings, space, seed, budget, progress, cancel).Run();
    }
}
