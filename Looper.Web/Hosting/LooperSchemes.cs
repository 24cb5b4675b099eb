namespace Looper.Web.Hosting;

/// <summary>Ways to say who is calling.</summary>
public static class LooperSchemes
{
    public const string Cookie = "cookie";
    public const string Key = "key";

    /// <summary>Takes the key when one was sent, else the cookie.</summary>
    public const string Either = "either";

    public const string KeyHeader = "X-Api-Key";

    /// <summary>Where apps that were written for Azure Personalizer send their key.</summary>
    public const string PersonalizerKeyHeader = "Ocp-Apim-Subscription-Key";

    /// <summary>Claims of a session.</summary>
    public const string StampClaim = "stamp", NameClaim = "display-name";
}
