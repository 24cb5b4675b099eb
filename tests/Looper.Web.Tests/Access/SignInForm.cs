using System.Text.RegularExpressions;

namespace Looper.Web.Tests.Access;

/// <summary>The sign-in page as a browser without scripts uses it.</summary>
internal sealed partial class SignInForm(HttpClient client, string address, Dictionary<string, string> hidden)
{
    public static async Task<SignInForm> OpenAsync(HttpClient client, string address = "/sign-in")
    {
        var page = await client.GetStringAsync(address);
        return new(client, address, Hidden().Matches(page).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["value"].Value));
    }

    /// <param name="without">Leaves the token out that proves where the form comes from.</param>
    public Task<HttpResponseMessage> SubmitAsync(string email, string password, bool without = false) => SubmitAsync(new() { ["Form.Email"] = email, ["Form.Password"] = password }, without);

    /// <inheritdoc cref="SubmitAsync(string, string, bool)"/>
    public Task<HttpResponseMessage> SubmitAsync(Dictionary<string, string> fields, bool without = false) =>
        client.PostAsync(address, new FormUrlEncodedContent(hidden.Where(h => !without || !h.Key.Contains("Token", StringComparison.Ordinal)).Concat(fields)));

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]+)" value="(?<value>[^"]*)""")]
    private static partial Regex Hidden();
}
