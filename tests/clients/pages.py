"""Listings that are longer than a page."""

from concurrent.futures import ThreadPoolExecutor

from stage import Moving, appspec, codedeploy, info, loose, revision, until

OPERATIONS = []

# More than two pages.
MANY = 250
# Few enough to leave others room.
AT_ONCE = 4


class Pages(Moving):
    def test_250_deployments_are_listed_once_each_and_newest_first(self):
        # To the version that serves already, and of no application: each is over at once, and none waits for another.
        content = revision(appspec("1"))

        def create(number):
            made = loose.create_deployment(revision=content)["deploymentId"]
            if number % 10 == 0:
                # While deployments come and end, a page is still one of deployments that differ.
                page = codedeploy.list_deployments()["deployments"]
                self.assertEqual(len(page), len(set(page)), "none is listed twice")
            until(made)
            return made

        first = create(0)
        start = info(first)["createTime"]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            made = {first, *pool.map(create, range(MANY - 1))}
        self.assertEqual(len(made), MANY, "every id is new")
        pages = list(codedeploy.get_paginator("list_deployments").paginate(createTimeRange={"start": start}))
        listed = [each for page in pages for each in page["deployments"]]
        self.assertEqual(len(listed), len(set(listed)), "none is listed twice")
        self.assertLessEqual(made, set(listed))
        self.assertGreaterEqual(len(pages), 3)
        self.assertTrue(all(len(page["deployments"]) <= 100 for page in pages))
        times = {}
        for begin in range(0, len(listed), 100):
            for each in codedeploy.batch_get_deployments(deploymentIds=listed[begin : begin + 100])["deploymentsInfo"]:
                times[each["deploymentId"]] = each["createTime"]
        ordered = [times[each] for each in listed]
        self.assertEqual(ordered, sorted(ordered, reverse=True))
        token = pages[0]["nextToken"]
        with self.refused("InvalidNextTokenException"):
            codedeploy.list_deployments(nextToken=token + "x")
        with self.refused("InvalidNextTokenException"):
            codedeploy.list_applications(nextToken=token)
        self.assertEqual(info(first)["status"], "Succeeded")

    def test_groups_are_listed_once_each_and_by_name(self):
        application = self.application()
        names = [f"group-{number:03}" for number in range(101)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda name: self.group(application, name=name), names))
        pages = list(codedeploy.get_paginator("list_deployment_groups").paginate(applicationName=application))
        self.assertEqual([name for page in pages for name in page["deploymentGroups"]], names)
        self.assertEqual(len(pages), 2)
