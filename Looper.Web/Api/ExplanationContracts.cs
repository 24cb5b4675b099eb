using System.ComponentModel;

namespace Looper.Web.Api;

/// <summary>Why an answer came out as it did, for the document: <see cref="ExplanationJson"/> writes it.</summary>
public sealed record ExplainedDecision
{
    [Description("Which rule decided: the policy's kind (fixed, random, best, epsilon-greedy, softmax, as-sent), arm, baseline, override or default.")]
    public required string Rule { get; init; }

    [Description("The rule in a sentence.")]
    public required string Because { get; init; }

    [Description("One per outcome of the goal, for the option or candidate that was answered: the sum of weight × prediction is its predicted goal. Empty where no model scored; null where the models that scored have been replaced since.")]
    public required IReadOnlyList<ExplainedOutcome>? Outcomes { get; init; }
}

public sealed record ExplainedOutcome
{
    public required string Outcome { get; init; }
    public required int ModelVersion { get; init; }

    [Description("Factor of the prediction in the goal, negative where lower is better.")]
    public required double Weight { get; init; }

    [Description("In the outcome's own unit, calibrated; a probability for yes or no.")]
    public required double? Prediction { get; init; }

    [Description("Scale of base, score and contributions: log-odds for yes or no, log for counts, value for the outcome's own unit.")]
    public required string Scale { get; init; }

    [Description("exact: Shapley values of trees (TreeSHAP) or the terms of a linear model. sampled: estimated, against a row in which everything is missing.")]
    public required string Method { get; init; }

    [Description("Score before anything is known.")]
    public required double? Base { get; init; }

    [Description("base + the sum of the contributions; through the link and the calibration it is the prediction.")]
    public required double? Score { get; init; }

    [Description("The largest first; features that did not move the score are left out. `@option` is the option answered.")]
    public required IReadOnlyList<ExplainedFeature> Contributions { get; init; }
}

public sealed record ExplainedFeature
{
    public required string Feature { get; init; }
    public required double? Contribution { get; init; }
}
