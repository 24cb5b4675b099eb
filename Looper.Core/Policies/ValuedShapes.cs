using Looper.Core.Blueprints;

namespace Looper.Core.Policies;

/// <summary>Where the value of a draft can be told from a log: where one of several known answers is drawn, so that others were tried with known
/// probabilities.</summary>
public static class ValuedShapes
{
    /// <summary>Why not; null where it can.</summary>
    public static Refusal? WhyNot(DecisionShape shape) => shape switch
    {
        DecisionShape.Binary or DecisionShape.Choice or DecisionShape.Pick or DecisionShape.Ranking => null,
        DecisionShape.Value => Not("This decision point answers with a number, and a log cannot say what another number would have brought. Compare both in an experiment."),
        DecisionShape.Configuration => Not("This decision point answers with a configuration, and a log cannot say what settings would have brought that were hardly ever served. Let a study tune it."),
        _ => Not("The value of a draft is told where one answer is drawn. Compare it in an experiment."),
    };

    private static Refusal Not(string why) => new("policy-question.no-options", why);
}
