using System.Collections.Immutable;
using DiffPlex;
using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions;

/// <summary>One difference between two contents, and what follows from it.</summary>
/// <param name="Section">What decision, what you send, what you measure, how to start.</param>
/// <param name="Field">The field in words: <c>feature country</c>, <c>window of revenue</c>.</param>
/// <param name="Old">Null where the field is new.</param>
/// <param name="New">Null where the field is gone.</param>
public sealed record BlueprintChange(string Section, string Field, string? Old, string? New, string Consequence);

/// <param name="Mark"><c>' '</c> as before, <c>'-'</c> gone, <c>'+'</c> new.</param>
public sealed record DiffLine(char Mark, string Text);

/// <summary>What changed between two contents: by section and field, in words, and as lines of YAML.</summary>
public sealed record BlueprintDiff(ImmutableArray<BlueprintChange> Changes, Compatibility Compatibility, ImmutableArray<DiffLine> Yaml)
{
    private const int InOneLine = 4;

    public static BlueprintDiff Between(BlueprintContent older, BlueprintContent newer) =>
        new(BlueprintChanges.Between(older, newer), Compatibility.Of(older, newer), Lines(BlueprintYaml.Write(older), BlueprintYaml.Write(newer)));

    /// <summary>Only the fields, also of contents that could not be published; nothing where one names something twice.</summary>
    public static ImmutableArray<BlueprintChange> Fields(BlueprintContent older, BlueprintContent newer) =>
        NamesTwice(older) || NamesTwice(newer) ? [] : BlueprintChanges.Between(older, newer);

    private static bool NamesTwice(BlueprintContent content) =>
        Twice(content.Options.Select(o => o.Key)) || Twice(content.Features.Select(f => f.Name)) || Twice(content.Outcomes.Select(o => o.Name)) || Twice(content.Goal.Guardrails.Select(g => g.Outcome));

    private static bool Twice(IEnumerable<string> names) => names.GroupBy(n => n).Any(g => g.Count() > 1);

    /// <summary>In one line: <c>+2 features (country, visits); weight of revenue 0.01 → 0.02</c>.</summary>
    public string InWords => Words(Changes);

    public static string Words(ImmutableArray<BlueprintChange> changes)
    {
        if (changes.IsEmpty) return "no change";
        List<string> parts = [];
        foreach (var word in (string[])["option", "feature", "outcome", "guardrail"])
        {
            var named = changes.Where(c => c.Field.StartsWith(word + " ", StringComparison.Ordinal)).ToList();
            Add("+", word, [.. named.Where(c => c.Old is null)]);
            Add("−", word, [.. named.Where(c => c.New is null)]);
        }
        parts.AddRange(changes.Where(c => c is { Old: not null, New: not null }).Select(c => $"{c.Field} {c.Old} → {c.New}"));
        parts.AddRange(changes.Where(c => (c.Old is null || c.New is null) && !IsListed(c)).Select(c => $"{c.Field} {c.Old ?? "none"} → {c.New ?? "none"}"));
        return string.Join("; ", parts.Take(InOneLine)) + (parts.Count > InOneLine ? $"; and {parts.Count - InOneLine} more" : "");

        void Add(string sign, string word, List<BlueprintChange> of)
        {
            if (of.Count == 0) return;
            var names = of.Select(c => c.Field[(word.Length + 1)..]).ToList();
            parts.Add($"{sign}{of.Count} {word}{(of.Count == 1 ? "" : "s")} ({string.Join(", ", names.Take(3))}{(names.Count > 3 ? "…" : "")})");
        }
    }

    private static bool IsListed(BlueprintChange change) =>
        change.Field.Split(' ')[0] is "option" or "feature" or "outcome" or "guardrail";

    private static ImmutableArray<DiffLine> Lines(string older, string newer) =>
        [.. new InlineDiffBuilder(new Differ()).BuildDiffModel(older, newer).Lines.Select(line => new DiffLine(
            line.Type switch { ChangeType.Inserted => '+', ChangeType.Deleted => '-', _ => ' ' }, line.Text))];
}
