using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Learning;
using Looper.Core.Serving;

namespace Looper.Core.Models;

/// <summary>The features of a model's columns, as somebody types them: one value a feature, however many columns it has.</summary>
public static class TypedRow
{
    /// <summary>One feature and its columns.</summary>
    /// <param name="First">Index of its first column.</param>
    /// <param name="Columns">Indexes.</param>
    public readonly record struct TypedFeature(string Name, int First, ImmutableArray<int> Columns, bool IsTags)
    {
        public bool IsVector => !IsTags && Columns.Length > 0 && IsList;

        internal bool IsList { get; init; }
    }

    /// <summary>In the order of the columns.</summary>
    public static ImmutableArray<TypedFeature> Features(ImmutableArray<Column> columns) =>
    [
        .. columns.Select((c, j) => (c.Name, Feature: Column.FeatureOf(c.Name), Column: j)).GroupBy(c => c.Feature).Select(f =>
        {
            var isList = f.Any(c => c.Name != c.Feature);
            return new TypedFeature(f.Key, f.First().Column, [.. f.Select(c => c.Column)], isList && f.Any(c => c.Name == c.Feature)) { IsList = isList };
        }),
    ];

    /// <param name="values">By feature; what is left out is missing.</param>
    public static Answered<double[]> Of(ImmutableArray<Column> columns, IReadOnlyDictionary<string, string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var row = new double[columns.Length];
        Array.Fill(row, double.NaN);
        foreach (var feature in Features(columns))
        {
            var text = values.GetValueOrDefault(feature.Name);
            if (string.IsNullOrWhiteSpace(text)) continue;
            var fault = feature.IsTags ? Tags(columns, feature, text, row) : feature.IsVector ? Vector(feature, text, row) : Plain(columns[feature.First], text, ref row[feature.First]);
            if (fault is not null) return fault;
        }
        return row;
    }

    private static Refusal? Tags(ImmutableArray<Column> columns, TypedFeature feature, string text, double[] row)
    {
        if (ListText.Read(text) is not { } tags) return Unread(feature.Name, text, "is no list of tags. Write it like [\"news\", \"sport\"] or news|sport");
        var sent = tags.Where(t => t.Length > 0).ToHashSet(StringComparer.Ordinal);
        foreach (var column in feature.Columns)
        {
            var name = columns[column].Name;
            row[column] = name == feature.Name ? sent.Count : sent.Contains(name[(feature.Name.Length + 1)..^1]) ? 1 : 0;
        }
        return null;
    }

    private static Refusal? Vector(TypedFeature feature, string text, double[] row)
    {
        if (ListText.Numbers(text) is not { } numbers || numbers.Length != feature.Columns.Length)
            return Unread(feature.Name, text, $"is no list of {feature.Columns.Length} numbers. Write it like [0.1, -0.2, …]");
        for (var i = 0; i < numbers.Length; i++) row[feature.Columns[i]] = (float)numbers[i];
        return null;
    }

    private static Refusal? Plain(Column column, string text, ref double value)
    {
        if (column.Kind == ColumnKind.Category)
        {
            var code = column.Categories.IndexOf(text);
            value = code >= 0 ? code : double.NaN; // a category the model has never seen is missing to it, as it is when serving
            return null;
        }
        if (text is "true" or "false")
        {
            value = text == "true" ? 1 : 0;
            return null;
        }
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value)) return null;
        return Unread(column.Name, text, "is not a number. Write it like 12.5, true or false, or leave it empty");
    }

    private static Refusal Unread(string feature, string text, string why) => new("feature.invalid", $"{feature}: '{Decisions.BlueprintRules.Shown(text)}' {why}.", feature);
}
