using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Rules about what is measured: outcomes, goal, guardrails.</summary>
internal static class MeasureRules
{
    public static void Check(BlueprintContent content, List<Refusal> faults)
    {
        if (content.Outcomes.IsEmpty) faults.Add(RuleTexts.NoOutcome());
        if (content.Outcomes.Length > BlueprintRules.MaxOutcomes) faults.Add(RuleTexts.TooManyOutcomes(content.Outcomes.Length));
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < content.Outcomes.Length; i++)
        {
            var name = content.Outcomes[i].Name;
            if (name is null || name.Trim().Length is 0 or > 64 || name[0] == '@') faults.Add(RuleTexts.OutcomeName(i));
            else if (!BlueprintRules.IsPlain(name)) faults.Add(RuleTexts.InvisibleCharacters($"outcomes[{i}].name", BlueprintRules.Shown(name)));
            else if (!seen.Add(name)) faults.Add(RuleTexts.OutcomeTwice(i, name));
            Outcome(i, content.Outcomes[i], BlueprintRules.Shown(name ?? ""), faults);
        }
        Goal(content, seen, faults);
        Guardrails(content.Goal, seen, faults);
    }

    private static void Outcome(int i, Outcome outcome, string name, List<Refusal> faults)
    {
        if (!Enum.IsDefined(outcome.Kind) || !Enum.IsDefined(outcome.Better) || !Enum.IsDefined(outcome.Aggregation)) faults.Add(RuleTexts.OutcomeKind(i, name));
        if (outcome.Window < TimeSpan.FromMinutes(1)) faults.Add(RuleTexts.WindowShort(i, name));
        if (outcome.Window > Blueprints.Outcome.LongestWindow) faults.Add(RuleTexts.WindowLong(i, name, outcome.Window.TotalDays));
        var yesNo = outcome.Kind == OutcomeKind.Boolean;
        if (yesNo && outcome.Aggregation is (Aggregation.Sum or Aggregation.Mean)) faults.Add(RuleTexts.AggregationOfYesNo(i, name));
        if (!yesNo && outcome.Aggregation == Aggregation.Any) faults.Add(RuleTexts.AggregationOfNumber(i, name));
        if (outcome.Absent is { } absent && !IsAbsent(absent, outcome.Kind, out var allowed)) faults.Add(RuleTexts.AbsentValue(i, name, allowed));
        if (outcome.UnitOfMeasure?.Length > 20) faults.Add(RuleTexts.UnitOfMeasure(i, name));
    }

    private static bool IsAbsent(double value, OutcomeKind kind, out string allowed)
    {
        (allowed, var right) = kind switch
        {
            OutcomeKind.Boolean => ("0 or 1", value is 0 or 1),
            OutcomeKind.Count => ("a whole number between 0 and 1e50", value is >= 0 and <= Blueprints.Outcome.MostMagnitude && value == Math.Floor(value)),
            OutcomeKind.Duration => ("a number between 0 and 1e50", value is >= 0 and <= Blueprints.Outcome.MostMagnitude),
            _ => ("a number between -1e50 and 1e50", Math.Abs(value) <= Blueprints.Outcome.MostMagnitude),
        };
        return right;
    }

    private static void Goal(BlueprintContent content, HashSet<string> outcomes, List<Refusal> faults)
    {
        var terms = content.Goal.Terms;
        if (terms.IsEmpty) faults.Add(RuleTexts.NoGoal());
        if (content.Shape == DecisionShape.Value && terms.Length > 1) faults.Add(RuleTexts.GoalOfValue());
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < terms.Length; i++)
        {
            var name = terms[i].Outcome ?? "";
            if (!outcomes.Contains(name)) faults.Add(RuleTexts.UnknownOutcome($"goal.terms[{i}].outcome", BlueprintRules.Shown(name), Meant(name, outcomes)));
            else if (!seen.Add(name)) faults.Add(RuleTexts.GoalTwice(i, name));
            if (!(terms[i].Weight > 0 && double.IsFinite(terms[i].Weight))) faults.Add(RuleTexts.GoalWeight(i, BlueprintRules.Shown(name)));
        }
    }

    private static void Guardrails(Goal goal, HashSet<string> outcomes, List<Refusal> faults)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < goal.Guardrails.Length; i++)
        {
            var name = goal.Guardrails[i].Outcome ?? "";
            if (!outcomes.Contains(name)) faults.Add(RuleTexts.UnknownOutcome($"goal.guardrails[{i}].outcome", BlueprintRules.Shown(name), Meant(name, outcomes)));
            else if (!seen.Add(name)) faults.Add(RuleTexts.GuardrailTwice(i, name));
            if (!(goal.Guardrails[i].MarginRelative is >= 0 and <= 1)) faults.Add(RuleTexts.GuardrailMargin(i, BlueprintRules.Shown(name)));
        }
    }

    /// <summary>The known name a misspelt one probably stands for: at most two edits away.</summary>
    internal static string? Meant(string name, IEnumerable<string> known) =>
        known.Select(k => (Name: k, Edits: Edits(name, k))).Where(k => k.Edits <= 2).OrderBy(k => k.Edits).Select(k => k.Name).FirstOrDefault();

    private static int Edits(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 2 || a.Length > 64) return int.MaxValue;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
