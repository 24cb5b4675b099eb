using System.Globalization;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Rules about what is decided: shape, unit, options, range, default.</summary>
internal static class AnswerRules
{
    public static void Check(BlueprintContent content, List<Refusal> faults)
    {
        if (!Enum.IsDefined(content.Shape)) faults.Add(RuleTexts.UnknownShape());
        if (content.UnitName.Trim().Length is 0 or > 40) faults.Add(RuleTexts.UnitMissing());
        else if (!BlueprintRules.IsPlain(content.UnitName)) faults.Add(RuleTexts.InvisibleCharacters("unitName", BlueprintRules.Shown(content.UnitName)));
        Options(content, faults);
        Positions(content, faults);
        Range(content, faults);
        ParameterRules.Check(content, faults);
        if (string.IsNullOrWhiteSpace(content.Default)) faults.Add(RuleTexts.DefaultMissing());
        else Answer("default", content.Default, content, faults);
    }

    /// <summary>A field that holds an answer: an option key, or a number inside the range for <c>value</c>.</summary>
    public static void Answer(string field, string? answer, BlueprintContent content, List<Refusal> faults)
    {
        if (answer is null) faults.Add(RuleTexts.NullItem(field));
        else if (content.Shape.TakesCandidates())
        {
            if (answer != DecisionShapes.AsSent) faults.Add(RuleTexts.OnlyAsSent(field, BlueprintRules.Shown(answer)));
        }
        else if (content.Shape == DecisionShape.Configuration)
        {
            if (Configuration.Parse(answer, content.Parameters, out var why) is null) faults.Add(RuleTexts.NotAConfiguration(field, BlueprintRules.Shown(why!, 120)));
        }
        else if (content.Shape == DecisionShape.Value) Number(field, answer, content.Range, faults);
        else if (!OptionKeys(content).Contains(answer))
            faults.Add(RuleTexts.NotAnOption(field, BlueprintRules.Shown(answer), Listed(content)));
    }

    public static IReadOnlyList<string> OptionKeys(BlueprintContent content) => content.Shape switch
    {
        DecisionShape.Binary => ["false", "true"],
        DecisionShape.Choice => [.. content.Options.Select(o => o.Key)],
        _ => [],
    };

    private static string Listed(BlueprintContent content)
    {
        var keys = OptionKeys(content).Where(k => k is { Length: > 0 }).Select(k => $"`{BlueprintRules.Shown(k)}`").ToList();
        return keys.Count == 0 ? "an option" : string.Join(", ", keys.Take(5)) + (keys.Count > 5 ? "…" : "");
    }

    private static void Number(string field, string answer, ValueRange? range, List<Refusal> faults)
    {
        if (!double.TryParse(answer, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            faults.Add(RuleTexts.NotANumber(field, BlueprintRules.Shown(answer)));
        else if (number < range?.Low || number > range?.High) faults.Add(RuleTexts.OutsideRange(field, number));
    }

    private static void Options(BlueprintContent content, List<Refusal> faults)
    {
        var options = content.Options;
        if (content.Shape.TakesCandidates() && !options.IsEmpty) faults.Add(RuleTexts.OptionsOfCandidates());
        if (content.Shape is DecisionShape.Value or DecisionShape.Configuration && !options.IsEmpty) faults.Add(RuleTexts.OptionsOfValue());
        if (content.Shape == DecisionShape.Binary && !options.IsEmpty && !options.Select(o => o.Key).SequenceEqual(["false", "true"]))
            faults.Add(RuleTexts.OptionsOfBinary());
        if (content.Shape == DecisionShape.Choice && options.Length is (< 2 or > BlueprintRules.MaxOptions))
            faults.Add(RuleTexts.OptionsCount(options.Length));
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < options.Length; i++)
        {
            var (key, name) = (options[i].Key, options[i].Name);
            if (key is null || key.Trim().Length is 0 or > 64) faults.Add(RuleTexts.OptionKey(i));
            else if (!BlueprintRules.IsPlain(key)) faults.Add(RuleTexts.InvisibleCharacters($"options[{i}].key", BlueprintRules.Shown(key)));
            else if (!seen.Add(key)) faults.Add(RuleTexts.OptionTwice(i, key));
            if (name?.Length > BlueprintRules.MaxName) faults.Add(RuleTexts.OptionName(i));
        }
    }

    private static void Positions(BlueprintContent content, List<Refusal> faults)
    {
        if (content.Shape != DecisionShape.Ranking && content.Positions is not null) faults.Add(RuleTexts.PositionsOnlyForRanking());
        if (content.Shape != DecisionShape.Ranking) return;
        if (content.Positions is not { } positions) faults.Add(RuleTexts.PositionsMissing());
        else if (positions is not (>= 1 and <= BlueprintContent.MostPositions)) faults.Add(RuleTexts.PositionsSize(positions));
    }

    private static void Range(BlueprintContent content, List<Refusal> faults)
    {
        if (content.Range is not { } range) return;
        if (content.Shape != DecisionShape.Value) faults.Add(RuleTexts.RangeOnlyForValue());
        if (range.Low is { } low && !double.IsFinite(low)) faults.Add(RuleTexts.NotFinite("range.low"));
        if (range.High is { } high && !double.IsFinite(high)) faults.Add(RuleTexts.NotFinite("range.high"));
        if (range is { Low: { } l, High: { } h } && !(l < h)) faults.Add(RuleTexts.RangeOrder(l, h));
    }
}
