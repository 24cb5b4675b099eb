using Looper.Core.Access;
using Looper.Web.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Looper.Web.Api;

public static class ProfileApi
{
    public static void MapProfile(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/profile").WithTags("Access");
        group.MapGet("", Me).WithName("readProfile");
        group.MapPatch("", Rename).WithName("renameProfile");
        group.MapPost("/password", ChangePassword).WithName("changePassword");
        routes.MapGet("/api/settings/general", General).WithName("readGeneralSettings").WithTags("Access");
        routes.MapPut("/api/settings/general", SetGeneral).WithName("saveGeneralSettings").WithTags("Access");
    }

    /// <summary>Who is asking.</summary>
    internal static async Task<Results<Ok<UserView>, ProblemHttpResult>> Me(Caller caller, UserQueries users, CancellationToken cancel)
    {
        var answered = await users.MeAsync(caller, cancel);
        return answered.Refusal is { } refusal ? refusal.AsProblem() : TypedResults.Ok(answered.Value);
    }

    /// <summary>Changes the name of who is asking.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> Rename(NewName request, Caller caller, ProfileActions profile, CancellationToken cancel) =>
        await profile.RenameAsync(caller, request.Name, cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    /// <summary>Ends every session of the user, and starts this one again.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> ChangePassword(
        ChangedPassword request, Caller caller, ProfileActions profile, UserRing users, AttemptLimits limits, HttpContext http, CancellationToken cancel)
    {
        if (limits.Refuse(http, caller.Name) is { } tooMany) return tooMany.AsProblem();
        if (await profile.ChangePasswordAsync(caller, request.Current, request.Password, cancel) is { } refusal) return refusal.AsProblem();
        if (users.Find(caller.UserId!.Value) is { } user) await SignInApi.StartAsync(http, user, remember: false);
        return TypedResults.NoContent();
    }

    /// <summary>The settings of the installation as a whole.</summary>
    internal static async Task<Ok<GeneralSettings>> General(InstallationSettings installation, CancellationToken cancel) =>
        TypedResults.Ok(new GeneralSettings(await installation.NameAsync(cancel)));

    /// <summary>Changes the settings of the installation as a whole.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> SetGeneral(GeneralChange request, Caller caller, InstallationSettings installation, CancellationToken cancel) =>
        await installation.RenameAsync(caller, request.Name ?? "", cancel) is { } refusal ? refusal.AsProblem() : TypedResults.NoContent();

    public sealed record NewName(string Name);

    public sealed record ChangedPassword(string Current, string Password);

    public sealed record GeneralSettings(string Name);

    /// <param name="Name">Required; asked for after the right to change it, so that who may not is told that.</param>
    public sealed record GeneralChange(string? Name = null);
}
