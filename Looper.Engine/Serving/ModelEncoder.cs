using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;

namespace Looper.Core.Serving;

/// <summary>
/// Features as served → a model's row. Serving and training call this same code, so there is no skew. Made for a model's
/// columns and one blueprint version's features and options; a column whose feature that version lacks stays missing.
/// </summary>
public sealed class ModelEncoder
{
    /// <summary>Name of the column that holds the option's code.</summary>
    public const string OptionColumn = "@option";

    private readonly Target[] _targets;
    private readonly int _optionColumn;
    private readonly double[] _optionCodes;

    /// <param name="columns">The model's, in order.</param>
    /// <param name="features">In the order of the served rows.</param>
    /// <param name="options">Keys, in the order that option indexes mean.</param>
    public ModelEncoder(ImmutableArray<Column> columns, ImmutableArray<Feature> features, ImmutableArray<string> options)
    {
        Width = columns.Length;
        _targets = [.. features.Select(feature => Target.Of(columns, feature.Name))];
        _optionColumn = Target.IndexOf(columns, OptionColumn);
        var codes = _optionColumn >= 0 ? columns[_optionColumn].Categories : [];
        _optionCodes = [.. options.Select(key => codes.IndexOf(key) is >= 0 and var code ? code : double.NaN)];
    }

    /// <summary>Length of a row.</summary>
    public int Width { get; }

    /// <summary>Where the option's code stands in a row, or −1 when the model has none.</summary>
    internal int OptionAt => _optionColumn;

    /// <summary>The option's code of every option; NaN for one the model does not know.</summary>
    internal ReadOnlySpan<double> OptionCodes => _optionCodes;

    /// <summary>Writes every column; the option's as missing. NaN where missing, unusable, or a category unknown to the model.</summary>
    /// <param name="served">In the format of <see cref="ServedRow"/>, in the order of the features given.</param>
    /// <param name="row">Length <see cref="Width"/>, overwritten.</param>
    public void Encode(ReadOnlySpan<byte> served, Span<double> row)
    {
        row.Fill(double.NaN);
        EncodeOver(served, row);
    }

    /// <summary>Writes the columns of these features alone and leaves the others as they are.</summary>
    /// <inheritdoc cref="Encode"/>
    public void EncodeOver(ReadOnlySpan<byte> served, Span<double> row)
    {
        var reader = new ServedRowReader(served);
        for (var i = 0; i < _targets.Length && reader.Read(); i++)
        {
            if (_targets[i].List is { } list) list.Write(reader, row);
            else if (_targets[i].Column >= 0) row[_targets[i].Column] = _targets[i].Code(reader);
        }
    }

    /// <summary>Sets the option's column, where the model has one.</summary>
    public void SetOption(int option, Span<double> row)
    {
        if (_optionColumn >= 0) row[_optionColumn] = _optionCodes[option];
    }

    private readonly record struct Target(int Column, Utf8Table? Categories, ListTarget? List)
    {
        public static Target Of(ImmutableArray<Column> columns, string feature)
        {
            var column = IndexOf(columns, feature);
            return new(column, column >= 0 && columns[column].Kind == ColumnKind.Category ? new Utf8Table(columns[column].Categories) : null, ListTarget.Of(columns, feature));
        }

        public static int IndexOf(ImmutableArray<Column> columns, string name)
        {
            for (var i = 0; i < columns.Length; i++)
            {
                if (columns[i].Name == name) return i;
            }
            return -1;
        }

        public double Code(in ServedRowReader served) => Categories is null ? NumberOf(served) : CodeOf(Categories, served);

        private static double NumberOf(in ServedRowReader served) => served.Kind switch
        {
            ServedKind.Number => served.Number,
            ServedKind.True => 1,
            ServedKind.False => 0,
            ServedKind.Tags => TagReader.Count(served.Packed), // no tag of the model's rows was common enough for a column
            _ => double.NaN,
        };

        private static double CodeOf(Utf8Table categories, in ServedRowReader served)
        {
            var text = (stackalloc byte[CategoryText.MaxBytes]);
            var code = served.Kind switch
            {
                ServedKind.Text => categories.Find(served.Text),
                ServedKind.True => categories.Find(CategoryText.True),
                ServedKind.False => categories.Find(CategoryText.False),
                ServedKind.Number => categories.Find(text[..CategoryText.Write(served.Number, text)]),
                _ => -1,
            };
            return code < 0 ? double.NaN : code;
        }
    }
}
