using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;

namespace Looper.Core.Serving;

/// <summary>
/// Features as served → a model's row. Serving and training call this same code, so there is no skew. Made for a model's
/// columns and one blueprint version's features and options; a version that lacks a column's feature leaves it missing.
/// </summary>
public sealed class ModelEncoder
{
    /// <summary>Name of the column that holds the option's code.</summary>
    public const string OptionColumn = "@option";

    public ModelEncoder(ImmutableArray<Column> columns, ImmutableArray<Feature> features, ImmutableArray<string> options) => Width = columns.Length;

    /// <summary>Length of a row.</summary>
    public int Width { get; }

    /// <summary>Writes every column but the option's. NaN where missing, unusable, or a category unknown to the model.</summary>
    /// <param name="served">In the format of <see cref="ServedRow"/>, in the order of the features given.</param>
    /// <param name="row">Length <see cref="Width"/>, overwritten.</param>
    public void Encode(ReadOnlySpan<byte> served, Span<double> row) => throw new NotImplementedException();

    /// <summary>Sets the option's column, where the model has one.</summary>
    public void SetOption(int option, Span<double> row) => throw new NotImplementedException();
}
