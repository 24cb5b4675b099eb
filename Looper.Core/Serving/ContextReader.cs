using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Serving;

/// <summary>
/// The context of a request (UTF-8 JSON) → a <see cref="ServedRow"/>, in the blueprint's order, in one pass and without a
/// document. A value that does not fit its feature becomes <see cref="ServedKind.Invalid"/>; it never costs the caller a decision.
/// </summary>
public sealed class ContextReader
{
    public ContextReader(ImmutableArray<Feature> features) => Features = features;

    public ImmutableArray<Feature> Features { get; }
}
