using System.Collections.Immutable;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Models;

/// <summary>The tabs of one model: is it good, what does it use, what would it say, may it answer, where does it come from.</summary>
public static class ModelTabs
{
    public const string Quality = "Quality", Features = "Features", WhatIf = "What if", Evidence = "Evidence", Lineage = "Lineage";

    public static ImmutableArray<Tab> Of(string key, int number)
    {
        var model = ModelWords.Href(key, number);
        return [new(Quality, model), new(Features, $"{model}/features"), new(WhatIf, $"{model}/what-if"), new(Evidence, $"{model}/evidence"), new(Lineage, $"{model}/lineage")];
    }
}
