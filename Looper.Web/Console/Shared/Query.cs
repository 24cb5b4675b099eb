namespace Looper.Web.Console.Shared;

/// <summary>The query of an address, for parts that are no page and so get no parameters from it.</summary>
internal static class Query
{
    public static Dictionary<string, string> Of(string address) =>
        Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(new Uri(address).Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal);
}
