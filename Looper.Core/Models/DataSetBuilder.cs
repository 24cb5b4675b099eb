using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Serving;

namespace Looper.Core.Models;

/// <summary>Examples → a learner's columns, through the encoder that serving uses.</summary>
public sealed class DataSetBuilder(BlueprintContent current, VersionTable versions, ExampleSet examples)
{
    /// <summary>Categories kept per feature, the commonest ones; all others, and those never seen, are missing to the model.</summary>
    public const int Categories = 100;

    /// <summary>The model's columns: the option, then those of each feature of the current blueprint, with category tables and tags from these rows alone.</summary>
    /// <param name="rows">Rows the model is fitted on.</param>
    /// <param name="mostOfLists">Columns of all tags and vectors together.</param>
    public ImmutableArray<Column> ColumnsOf(ReadOnlySpan<int> rows, int mostOfLists = ListColumns.Most)
    {
        var counts = current.AllFeatures.Where(f => f.Kind is FeatureKind.Category or FeatureKind.Tags).ToDictionary(f => f.Name, _ => new Dictionary<string, int>());
        foreach (var row in rows) Count(row, counts);
        var columns = ImmutableArray.CreateBuilder<Column>();
        if (current.Shape.HasOptions()) columns.Add(new(ModelEncoder.OptionColumn, ColumnKind.Category, [.. current.Options.Select(o => o.Key)]));
        var (each, left) = ListColumns.Share(current.AllFeatures, mostOfLists);
        foreach (var feature in current.AllFeatures.Where(f => !left.Contains(f.Name)))
            columns.AddRange(ListColumns.Of(feature, counts.TryGetValue(feature.Name, out var levels) ? Commonest(levels, feature.Kind == FeatureKind.Tags ? each : Categories) : []));
        return columns.ToImmutable();
    }

    /// <param name="rows">In time order; each has a finite label.</param>
    public DataSet Build(ImmutableArray<Column> columns, ReadOnlySpan<int> rows, int outcome)
    {
        var values = new double[columns.Length][];
        for (var c = 0; c < values.Length; c++) values[c] = new double[rows.Length];
        var labels = new double[rows.Length];
        var encoders = new Dictionary<int, ModelEncoder>();
        var buffer = new double[columns.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            Encode(columns, row, encoders, buffer);
            for (var c = 0; c < values.Length; c++) values[c][i] = buffer[c];
            labels[i] = examples.Label(outcome, row);
        }
        return new(columns, values, labels);
    }

    /// <summary>The categories of these rows as they were served: columns know only the commonest values.</summary>
    internal Dictionary<string, RawCategory> RawCategories(int[] rows)
    {
        var names = current.AllFeatures.Where(f => f.Kind == FeatureKind.Category).ToDictionary(f => f.Name, _ => new HashSet<string>(StringComparer.Ordinal));
        var missing = names.ToDictionary(n => n.Key, _ => Enumerable.Repeat(true, rows.Length).ToArray());
        if (names.Count == 0) return [];
        for (var i = 0; i < rows.Length; i++)
        {
            var features = versions.Find(examples.Version(rows[i]))!.AllFeatures;
            var reader = new ServedRowReader(examples.Served(rows[i]));
            for (var f = 0; f < features.Length && reader.Read(); f++)
            {
                if (reader.Kind != ServedKind.Text || !names.TryGetValue(features[f].Name, out var levels)) continue;
                missing[features[f].Name][i] = false;
                levels.Add(reader.TextString);
            }
        }
        return names.ToDictionary(n => n.Key, n => new RawCategory(n.Value.Count, missing[n.Key]));
    }

    /// <summary>What a predictor with its own columns says of these rows.</summary>
    public double[] Predict(TrainedPredictor predictor, ReadOnlySpan<int> rows)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        var encoders = new Dictionary<int, ModelEncoder>();
        var buffer = new double[predictor.Columns.Length];
        var predictions = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            Encode(predictor.Columns, rows[i], encoders, buffer);
            predictions[i] = predictor.Predict(buffer);
        }
        return predictions;
    }

    private void Encode(ImmutableArray<Column> columns, int row, Dictionary<int, ModelEncoder> encoders, Span<double> buffer)
    {
        var version = examples.Version(row);
        ref var encoder = ref CollectionsMarshal.GetValueRefOrAddDefault(encoders, version, out _);
        var then = versions.Find(version)!;
        encoder ??= new ModelEncoder(columns, then.AllFeatures, [.. then.Options.Select(o => o.Key)]);
        encoder.Encode(examples.Served(row), buffer);
        if (current.Shape.HasOptions()) encoder.SetOption(examples.Option(row), buffer);
    }

    private void Count(int row, Dictionary<string, Dictionary<string, int>> counts)
    {
        var features = versions.Find(examples.Version(row))!.AllFeatures;
        var reader = new ServedRowReader(examples.Served(row));
        for (var f = 0; f < features.Length && reader.Read(); f++)
        {
            if (reader.Kind is not (ServedKind.Text or ServedKind.Tags) || !counts.TryGetValue(features[f].Name, out var ofFeature)) continue;
            string[] levels = reader.Kind == ServedKind.Text ? [reader.TextString] : TagReader.Texts(reader.Packed);
            foreach (var level in levels) CollectionsMarshal.GetValueRefOrAddDefault(ofFeature, level, out _)++;
        }
    }

    private static ImmutableArray<string> Commonest(Dictionary<string, int> counts, int most) =>
        [.. counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(most).Select(c => c.Key).Order(StringComparer.Ordinal)];
}
