using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions.Samples;

/// <summary>Type, counts and notes of one field. The notes and presets are those of the wizard's second step.</summary>
internal static class FieldJudge
{
    private const int LongText = 200;
    private const int Examples = 3;

    public static SampledField Judge(SampleColumn column, int rows, SampleContext context)
    {
        var cells = column.Cells;
        var distinct = cells.Select(c => c.Text).Distinct(StringComparer.Ordinal).Count();
        var (kind, notes, dimension) = Type(column, context);
        var personal = PersonalValues.Looks(column.Name, cells);
        if (personal) notes.Add(new(NoteKind.Personal, SampleTexts.Personal(column.Name)));
        if (FieldNames.IsSensitive(column.Name)) notes.Add(new(NoteKind.Sensitive, SampleTexts.Sensitive(column.Name)));
        if (notes.Count == 0 || notes is [{ Kind: NoteKind.QuotedNumber }]) Values(column, kind, rows, distinct, context, notes);
        var use = notes.All(n => n.Kind is NoteKind.ManyValues or NoteKind.QuotedNumber);
        var examples = cells.Select(c => c.Text).Where(t => t.Length > 0).Distinct().Take(Examples).Select(t => personal ? Mask(t) : Cut(t));
        return new(column.Name, kind, use, [.. examples], distinct, rows - cells.Count, [.. notes]) { Dimension = dimension };
    }

    private static (FeatureKind Kind, List<SampleNote> Notes, int? Dimension) Type(SampleColumn column, SampleContext context)
    {
        if (!column.Cells.Exists(c => c.Kind is CellKind.Numbers or CellKind.Tags))
        {
            var (kind, notes) = Single(column, context);
            return (kind, notes, null);
        }
        if (SampledList.Judge(column) is not { } list) return (FeatureKind.Category, [new(NoteKind.Unclear, SampleTexts.List(column.Name))], null);
        return (list.Kind, list.Note is { } note ? [note] : [], list.Dimension);
    }

    private static (FeatureKind Kind, List<SampleNote> Notes) Single(SampleColumn column, SampleContext context)
    {
        var (name, cells) = (column.Name, column.Cells);
        if (cells.FirstOrDefault(c => c.Kind == CellKind.TooDeep) is { Kind: CellKind.TooDeep }) return Unclear(FeatureKind.Category, SampleTexts.TooDeep(name));
        if (cells.FirstOrDefault(c => c.Kind == CellKind.List) is { Kind: CellKind.List }) return Unclear(FeatureKind.Category, SampleTexts.List(name));
        if (cells.Count == 0) return (FeatureKind.Category, [new(NoteKind.NoInformation, SampleTexts.AllMissing(name))]);
        var texts = cells.Where(c => c.Kind == CellKind.Text).ToList();
        if (texts.Find(t => t.Text.Length > LongText) is { Text: not null } late) return Unclear(FeatureKind.Category, SampleTexts.LongText(name, late.Row + 1));
        if (texts.Count == cells.Count && texts.TrueForAll(t => IsNumber(t.Text))) return (FeatureKind.Number, [new(NoteKind.QuotedNumber, SampleTexts.QuotedNumber(name))]);
        if (cells.Find(c => c.Kind != cells[0].Kind) is { Text: not null } other) return Unclear(FeatureKind.Category, SampleTexts.Mixed(name, other.Row + 1));
        if (IsTime(name, cells)) return Unclear(FeatureKind.Time, SampleTexts.Time(name));
        if (IsDecision(name, cells, context)) return Unclear(FeatureKind.Category, SampleTexts.TheDecision(name));
        return (cells[0].Kind switch { CellKind.Number => FeatureKind.Number, CellKind.Boolean => FeatureKind.Boolean, _ => FeatureKind.Category }, []);
    }

    private static (FeatureKind, List<SampleNote>) Unclear(FeatureKind kind, string text) => (kind, [new(NoteKind.Unclear, text)]);

    /// <summary>At most one note about the values: the first that holds.</summary>
    private static void Values(SampleColumn column, FeatureKind kind, int rows, int distinct, SampleContext context, List<SampleNote> notes)
    {
        var (name, known) = (column.Name, column.Cells.Count);
        var isCategory = kind == FeatureKind.Category;
        if (FieldNames.IsIdentifier(name) || (isCategory && rows >= 20 && distinct >= 0.9 * known)) notes.Add(new(NoteKind.Identifier, SampleTexts.Identifier(name)));
        else if (context.Outcomes.Any(o => FieldNames.Tells(name, o))) notes.Add(new(NoteKind.KnowsTheAnswer, SampleTexts.KnowsTheAnswer(name)));
        else if (distinct == 1 && rows >= 5 && known == rows) notes.Add(new(NoteKind.NoInformation, SampleTexts.OneValue(name)));
        else if (isCategory && (distinct > 100 || (rows >= 40 && distinct > 0.5 * known))) notes.Add(new(NoteKind.ManyValues, SampleTexts.ManyValues(name)));
    }

    private static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);

    private static bool IsTime(string name, List<SampleCell> cells) => cells[0].Kind switch
    {
        CellKind.Text => cells.TrueForAll(c => c.Text.Length >= 10 && char.IsAsciiDigit(c.Text[0]) && c.Text[4] == '-'
            && DateTimeOffset.TryParse(c.Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _)),
        CellKind.Number => FieldNames.SoundsLikeTime(name)
            && cells.TrueForAll(c => double.Parse(c.Text, CultureInfo.InvariantCulture) is (>= 1e9 and < 1e10) or (>= 1e12 and < 1e13)),
        _ => false,
    };

    private static bool IsDecision(string name, List<SampleCell> cells, SampleContext context) =>
        name is "decision" or "decisionId" or "propensity"
        || (cells[0].Kind == CellKind.Text && context.Options.Length > 0 && cells.TrueForAll(c => context.Options.Contains(c.Text)));

    private static string Mask(string text) => text[..(char.IsSurrogate(text[0]) ? 2 : 1)] + "•••";

    private static string Cut(string text) => text.Length <= 40 ? text : text[..39] + "…";
}
