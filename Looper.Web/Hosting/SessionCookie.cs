using Microsoft.AspNetCore.Authentication.Cookies;

namespace Looper.Web.Hosting;

/// <summary>Names the session cookie so that over https a browser itself refuses one set by anybody else.</summary>
internal sealed class SessionCookie : ICookieManager
{
    private readonly ChunkingCookieManager _cookies = new();

    public string? GetRequestCookie(HttpContext context, string key) => _cookies.GetRequestCookie(context, Name(context));

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
        _cookies.AppendResponseCookie(context, Name(context), value, Whole(options));

    public void DeleteCookie(HttpContext context, string key, CookieOptions options) => _cookies.DeleteCookie(context, Name(context), Whole(options));

    private static string Name(HttpContext context) => context.Request.IsHttps ? "__Host-looper" : "looper";

    private static CookieOptions Whole(CookieOptions options)
    {
        options.Path = "/"; // what __Host- demands
        return options;
    }
}
