using System.Collections.Immutable;

namespace Looper.Core.LongTerm;

/// <summary>What may be said of a prediction, in plain sentences.</summary>
/// <param name="Sentence">What is predicted, and how far to trust it.</param>
/// <param name="IsSound">It may be decided on.</param>
internal readonly record struct LongTermVerdict(string Sentence, bool IsSound)
{
    private const double LeastExplained = 0.01, LeastLikeness = 0.05, FewestLike = 100;

    public static LongTermVerdict Of(string metric, LongTermChange predicted, LongTermChange? unexplained, double likeness, PastUnits history, ImmutableArray<BackTest> tests)
    {
        if (!(history.ExplainedByEarly >= LeastExplained)) return new($"Early outcomes tell next to nothing of {metric} that features do not: there is no prediction to go by.", false);
        var found = !predicted.IsTold ? "No sign of a difference in the long run yet." : $"{metric} is predicted to {(predicted.Value > 0 ? "rise" : "fall")}.";
        BackTest[] telling = [.. tests.Where(t => t.CouldTell(predicted))];
        var against = Against(unexplained, likeness, history, tests, telling);
        if (against is not null) return new($"{found} {against}", false);
        return new(FormattableString.Invariant($"{found} In {telling.Count(t => t.Agrees)} of {telling.Length} earlier comparisons that could tell it came out as predicted."), predicted.IsTold);
    }

    private static string? Against(LongTermChange? unexplained, double likeness, PastUnits history, ImmutableArray<BackTest> tests, BackTest[] telling) =>
        unexplained is { IsTold: true } ? "Units whose time has come show another effect than their early outcomes say: do not act on the prediction."
        : likeness < LeastLikeness || likeness * history.Units < FewestLike ? "Hardly any unit before the experiment was like those in it: do not act on the prediction."
        : tests.IsEmpty ? "No earlier experiment here could test it: take it as a hint, not as a result."
        : telling.Length == 0 ? "Earlier experiments here were too small to test it: take it as a hint, not as a result."
        : 2 * telling.Count(t => t.Agrees) <= telling.Length || tests.Any(t => t.HadDirection == false) ? "Earlier experiments here came out otherwise than predicted: do not act on the prediction."
        : null;
}
