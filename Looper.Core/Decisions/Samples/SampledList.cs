using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Core.Decisions.Samples;

/// <summary>Arrays of a sample: a vector, tags, or nothing that a model could read.</summary>
internal static class SampledList
{
    public static CellKind KindOf(JsonElement array) => ListText.Read(array.GetRawText()) is null
        ? CellKind.List
        : array.GetArrayLength() > 0 && array.EnumerateArray().All(i => i.ValueKind == JsonValueKind.Number) ? CellKind.Numbers : CellKind.Tags;

    /// <summary>A cell of CSV that is a list; null for any other.</summary>
    public static CellKind? KindOf(string cell)
    {
        if (cell.StartsWith('[') && cell.EndsWith(']'))
        {
            try
            {
                using var json = JsonDocument.Parse(cell);
                return KindOf(json.RootElement);
            }
            catch (JsonException)
            {
                return null;
            }
        }
        if (!cell.Contains('|', StringComparison.Ordinal) || cell.Contains(" |", StringComparison.Ordinal) || cell.Contains("| ", StringComparison.Ordinal)) return null;
        return ListText.Numbers(cell) is null ? CellKind.Tags : CellKind.Numbers;
    }

    /// <summary>What a column with at least one list is; null where it is none of one kind.</summary>
    public static (FeatureKind Kind, int? Dimension, SampleNote? Note)? Judge(SampleColumn column)
    {
        var cells = column.Cells;
        if (cells.Exists(c => c.Kind is CellKind.List or CellKind.TooDeep or CellKind.Number or CellKind.Boolean)) return null;
        int[] lengths = [.. cells.Select(c => c.Kind == CellKind.Text ? 1 : ListText.Read(c.Text)!.Length)];
        if (cells.TrueForAll(c => c.Kind == CellKind.Numbers))
        {
            if (lengths.Distinct().Count() == 1 && lengths[0] <= Feature.MostDimensions) return (FeatureKind.Vector, lengths[0], null);
            var longest = lengths.Max();
            return (FeatureKind.Tags, null, new(NoteKind.Unclear, longest > Feature.MostDimensions ? SampleTexts.LongVector(column.Name, longest) : SampleTexts.UnevenNumbers(column.Name)));
        }
        if (cells.Exists(c => c.Kind == CellKind.Numbers)) return null;
        return (FeatureKind.Tags, null, lengths.Max() > Feature.MostTags ? new(NoteKind.Unclear, SampleTexts.ManyTags(column.Name, lengths.Max())) : null);
    }
}
