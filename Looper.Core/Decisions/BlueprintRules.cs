using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>Every rule a blueprint must keep to be published. Pure: all faults at once, each with field, reason and fix.</summary>
public static partial class BlueprintRules
{
    public const int MaxKey = 64;
    public const int MaxName = 80;
    public const int MaxDescription = 280;
    public const int MaxNote = 500;
    public const int MaxFeatures = 200;
    public const int MaxCandidateFeatures = 50;
    public const int MaxOutcomes = 20;
    public const int MaxOptions = 50;
    public const int MaxParameters = 20;

    /// <summary>Empty when the content may be published.</summary>
    public static IReadOnlyList<Refusal> Check(BlueprintContent content)
    {
        if (NullParts(content) is { Count: > 0 } nulls) return nulls;
        List<Refusal> faults = [];
        AnswerRules.Check(content, faults);
        FeatureRules.Check(content, faults);
        MeasureRules.Check(content, faults);
        StartRules.Check(content, faults);
        TrainingRules.Check(content, faults);
        return faults;
    }

    /// <summary>Key, name and description of a decision point.</summary>
    public static IReadOnlyList<Refusal> CheckNames(string key, string name, string? description)
    {
        List<Refusal> faults = [];
        if (!KeyForm().IsMatch(key)) faults.Add(RuleTexts.KeyForm(Shown(key)));
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxName) faults.Add(RuleTexts.NameLength(name.Trim().Length));
        else if (!IsPlain(name)) faults.Add(RuleTexts.InvisibleCharacters("name", Shown(name)));
        if (description?.Length > MaxDescription) faults.Add(RuleTexts.DescriptionLength(description.Length));
        return faults;
    }

    /// <summary>No control, format or unassigned characters, no lone surrogates, no space at an end.</summary>
    internal static bool IsPlain(string text) => text.Length == 0
        || (!char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) && !Invisible().IsMatch(text));

    /// <summary>What a message repeats of a text it cannot trust.</summary>
    internal static string Shown(string text, int most = 60)
    {
        var visible = Invisible().Replace(text, "?");
        return visible.Length <= most ? visible : visible[..most] + "…";
    }

    internal static List<Refusal> NullParts(BlueprintContent content)
    {
        List<Refusal> faults = [];
        void Items<T>(string field, ImmutableArray<T> items) where T : class
        {
            if (items.IsDefault) faults.Add(RuleTexts.NullItem(field));
            else for (var i = 0; i < items.Length; i++) if (items[i] is null) faults.Add(RuleTexts.NullItem($"{field}[{i}]"));
        }
        void Part(string field, object? part) { if (part is null) faults.Add(RuleTexts.NullItem(field)); }
        Items("options", content.Options);
        Items("features", content.Features);
        Items("candidateFeatures", content.CandidateFeatures);
        Items("parameters", content.Parameters);
        Items("outcomes", content.Outcomes);
        Part("goal", content.Goal);
        Part("policy", content.Policy);
        Part("rollout", content.Rollout);
        Part("training", content.Training);
        Part("default", content.Default);
        Part("unitName", content.UnitName);
        if (content.Goal is not null) Items("goal.terms", content.Goal.Terms);
        if (content.Goal is not null) Items("goal.guardrails", content.Goal.Guardrails);
        if (content.Training is { } training)
        {
            Part("training.settings", training.Settings);
            Part("training.selection", training.Selection);
            Part("training.gate", training.Gate);
            Items("training.objectives", training.Objectives);
            if (training.Selection is not null) Items("training.selection.pinned", training.Selection.Pinned);
        }
        if (content.Policy is TreePolicy { Root: null }) faults.Add(RuleTexts.NullItem("policy.root"));
        if (content.Policy is RandomPolicy { Weights.IsDefault: true }) faults.Add(RuleTexts.NullItem("policy.weights"));
        return faults;
    }

    /// <summary>The same without entries that are null, so that what is there can be shown: <see cref="NullParts"/> names them.</summary>
    internal static BlueprintContent WithoutNullItems(BlueprintContent content)
    {
        static ImmutableArray<T> Kept<T>(ImmutableArray<T> items) where T : class => items.Contains(null!) ? items.RemoveAll(i => i is null) : items;
        return content with
        {
            Options = Kept(content.Options),
            Features = Kept(content.Features),
            CandidateFeatures = Kept(content.CandidateFeatures),
            Parameters = Kept(content.Parameters),
            Outcomes = Kept(content.Outcomes),
            Goal = content.Goal with { Terms = Kept(content.Goal.Terms), Guardrails = Kept(content.Goal.Guardrails) },
            Training = content.Training with
            {
                Objectives = Kept(content.Training.Objectives),
                Selection = content.Training.Selection with { Pinned = Kept(content.Training.Selection.Pinned) },
            },
        };
    }

    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9-]{1,62})[a-z0-9]\z")]
    private static partial Regex KeyForm();

    [GeneratedRegex(@"[\p{C}\p{Zl}\p{Zp}\u2800\u3164\u115F\u1160\uFFA0\u034F]")]
    private static partial Regex Invisible();
}
